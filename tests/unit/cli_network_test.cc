// SPDX-License-Identifier: Apache-2.0
// The flags of the network: what they make of the Spec, and what is refused.
#include <gmock/gmock.h>

#include "cli_read.h"
#include "spec/check.h"

namespace kelp::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Program = HelperConnection::Program;

Network network(Words flags) { return spec(std::move(flags)).network; }
HelperConnection helper(Words flags) {
  const Network read = network(std::move(flags));
  const auto* found = std::get_if<HelperConnection>(&read.connection);
  EXPECT_NE(found, nullptr);
  return found == nullptr ? HelperConnection{} : *found;
}

// What check() says of flags that can be read.
std::string problem(Words flags) {
  const Result<CheckedSpec> checked = check(spec(std::move(flags)));
  return checked ? "" : checked.error().sentence();
}

TEST(CliNetwork, ReadsEachMode) {
  const auto is_new = [](Words flags) {
    return spec(std::move(flags)).new_namespaces.has(Namespace::kNetwork);
  };
  EXPECT_FALSE(is_new({}));
  EXPECT_FALSE(is_new({"--network=host"}));
  EXPECT_TRUE(is_new({"--network=none"}));
  EXPECT_FALSE(network({"--network=none"}).has_helper());
  EXPECT_TRUE(is_new({"--network=pasta"}));
  EXPECT_EQ(helper({"--network=pasta"}).program, Program::kPasta);
  EXPECT_EQ(helper({"--net=slirp4netns"}).program, Program::kSlirp4netns);
  EXPECT_FALSE(is_new({"--network=ns:/run/netns/a:b"}));
  EXPECT_EQ(std::get<JoinedNetwork>(network({"--network=ns:/run/netns/a:b"}).connection).path,
            "/run/netns/a:b");
  EXPECT_FALSE(network({"--network=pasta", "--network=none"}).has_helper()) << "the last one counts";
  for (const char* wrong : {"bridge", "", "pasta4", "slirp4netns:x", "ns:", "ns", "none:", "host:1"}) {
    EXPECT_EQ(refusal_of({std::string("--network=") + wrong}),
              cat("cannot read --network=", wrong, ": '", wrong,
                  "' is none of host, none, pasta[:OPTIONS], slirp4netns, ns:PATH, container:NAME"));
  }
}

TEST(CliNetwork, PassesOnOptionsOfPastaThatLetNothingElseIn) {
  EXPECT_THAT(helper({"--network=pasta:-I,kelp0,--mtu=1400,-4"}).options,
              ElementsAre("--ns-ifname", "kelp0", "--mtu", "1400", "--ipv4-only"));
  EXPECT_EQ(refusal_of({"--network=pasta:--map-gw"}),
            "cannot use --network=pasta:--map-gw: '--map-gw' is no option of pasta that kelp passes on");
  EXPECT_EQ(hint({"--network=pasta:-T,5432", "./root"}),
            "--host-port N reaches one port of the host's loopback");
  EXPECT_EQ(hint({"--network=pasta:-t,80", "./root"}), "-p HOST:INSIDE publishes a port");
  for (const char* wrong :
       {"--netns=/x", "-P", "--pid=/x", "--runas=0", "--pcap=/x", "--log-file=/x", "", "x"})
    EXPECT_THAT(refusal_of({std::string("--network=pasta:") + wrong}), HasSubstr("is no option of pasta"))
        << wrong;
  EXPECT_EQ(refusal_of({"--network=pasta:--mtu"}), "cannot read --network=pasta:--mtu: --mtu takes a value");
  EXPECT_EQ(refusal_of({"--network=pasta:--ipv4-only=1"}),
            "cannot read --network=pasta:--ipv4-only=1: --ipv4-only takes no value");
}

TEST(CliNetwork, ReadsPublishedPorts) {
  using P = PublishedPorts;
  EXPECT_THAT(network({"-p", "8080:80"}).published, ElementsAre(P{.host = 8080, .inside = 80}));
  EXPECT_THAT(network({"--publish=127.0.0.1:8080:80/tcp"}).published,
              ElementsAre(P{.address = "127.0.0.1", .host = 8080, .inside = 80}));
  EXPECT_THAT(network({"-p", "[::1]:5353:53/udp"}).published,
              ElementsAre(P{.address = "::1", .host = 5353, .inside = 53, .transport = Transport::kUdp}));
  EXPECT_THAT(network({"-p", "8000-8010:80-90", "-p", "1:1"}).published,
              ElementsAre(P{.host = 8000, .inside = 80, .count = 11}, P{.host = 1, .inside = 1}));
  EXPECT_THAT(network({"-p", "1-65535:1-65535"}).published,
              ElementsAre(P{.host = 1, .inside = 1, .count = 65535}));
  EXPECT_EQ(helper({"-p", "8080:80"}).program, Program::kAny) << "it brings the network";
  EXPECT_TRUE(spec({"-p", "8080:80"}).new_namespaces.has(Namespace::kNetwork));
}

TEST(CliNetwork, RefusesWhatIsNoPort) {
  for (const char* wrong :
       {"0:80", "80:0", "65536:1", "1:65536", "a:b", "80:", "9-8:1-2", "-:1", "1-:1", "+1:1"})
    EXPECT_THAT(refusal_of({"-p", wrong}), HasSubstr("is no port, nor FIRST-LAST")) << wrong;
  EXPECT_THAT(refusal_of({"-p", "8000-8010:80"}), HasSubstr("the two ranges are not of one length"));
  EXPECT_EQ(refusal_of({"-p", "80"}), "cannot read -p 80: kelp chooses no port of the host");
  EXPECT_EQ(hint({"-p", "80", "./root"}), "name both: -p HOST:80");
  EXPECT_THAT(refusal_of({"-p", "localhost:80:80"}), HasSubstr("'localhost' is no address"));
  EXPECT_THAT(refusal_of({"-p", "[::1:80:80"}), HasSubstr("no ']:' follows the '['"));
  EXPECT_THAT(refusal_of({"-p", "80:80/sctp"}), HasSubstr("'sctp' is neither tcp nor udp"));
  EXPECT_THAT(refusal_of({"--host-port", "0"}), HasSubstr("'0' is no port (1 to 65535)"));
}

TEST(CheckNetwork, RefusesPortsWithoutANetworkThatHasThem) {
  EXPECT_EQ(problem({"--network=host", "-p", "8080:80"}),
            "cannot use -p 8080:80: every port is the host's anyway (--network=host)");
  EXPECT_EQ(problem({"--network=none", "--host-port", "5432"}),
            "cannot use --host-port 5432: the network is loopback only (--network=none)");
  EXPECT_EQ(problem({"--network=ns:/x", "-p", "8080:80"}),
            "cannot use -p 8080:80: the network is somebody else's (--network=ns:/x)");
  EXPECT_EQ(problem({"--network=slirp4netns", "--host-port", "5432"}),
            "cannot use --host-port 5432: slirp4netns opens the host's whole loopback or nothing of it");
}

TEST(CheckNetwork, RefusesAPortThatIsSaidTwice) {
  EXPECT_EQ(problem({"-p", "8080:80", "-p", "127.0.0.1:8080:81"}),
            "cannot use -p 127.0.0.1:8080:81: port 8080 of the host is published already (-p 8080:80)");
  EXPECT_EQ(problem({"-p", "8000-8010:80-90", "-p", "8010:1"}),
            "cannot use -p 8010:1: port 8010 of the host is published already (-p 8000-8010:80-90)");
  EXPECT_EQ(problem({"-p", "8080:80", "-p", "8080:80/udp", "-p", "8081:80"}), "");
  EXPECT_EQ(problem({"--host-port=1", "--host-port=1"}), "cannot use --host-port=1: it is said twice");
  EXPECT_EQ(problem({"--host-port=1", "--host-port=1/udp"}), "");
}

TEST(CliNetwork, RefusesContradictions) {
  EXPECT_EQ(refusal_of({"--share=network", "-p", "1:1"}),
            "cannot use --share=network: it contradicts -p 1:1");
  EXPECT_EQ(refusal_of({"--unshare=network", "--network=ns:/x"}),
            "cannot use --network=ns:/x: it contradicts --unshare=network");
}

}  // namespace
}  // namespace kelp::cli
