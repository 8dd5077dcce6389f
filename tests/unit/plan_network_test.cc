// SPDX-License-Identifier: Apache-2.0
// Which program connects a network, what it is told, and the resolv.conf that goes with it.
#include <gmock/gmock.h>

#include "base/text.h"
#include "plan_build.h"

namespace kelp::plan {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

host::Facts facts_with(host::NetworkFacts network) {
  host::Facts facts = ordinary_facts();
  facts.network = std::move(network);
  return facts;
}
host::Facts with_both() {
  return facts_with({.pasta = "/usr/bin/pasta",
                     .slirp4netns = "/usr/bin/slirp4netns",
                     .resolv_conf = "nameserver 192.0.2.1\n",
                     .systemd_resolv_conf = {}});
}

// The words behind the name of the program.
std::string told(Words flags, const host::Facts& facts = with_both()) {
  const Plan plan = plan_of(std::move(flags), facts);
  return plan.network ? cat(" ", join(plan.network->argv, " "), " ") : "";
}

TEST(PlanNetwork, NeedsNoProgramWithoutANetworkToConnect) {
  EXPECT_FALSE(plan_of({}).network);
  EXPECT_FALSE(plan_of({"--network=none"}).network);
  EXPECT_FALSE(plan_of({"--network=ns:/x"}).network);
  EXPECT_EQ(plan_of({"--network=ns:/x"}).joined_network->path, "/x");
}

TEST(PlanNetwork, TellsPastaToLeadNothingThatWasNotAskedFor) {
  EXPECT_THAT(told({"--network=pasta"}), AllOf(HasSubstr(" --no-map-gw "), HasSubstr(" -t none -T none "),
                                               HasSubstr(" -u none -U none "), HasSubstr(" --foreground ")));
  EXPECT_THAT(told({"-p", "127.0.0.1:8000-8001:80-81", "--host-port=5432"}),
              AllOf(HasSubstr(" -t 127.0.0.1/8000-8001:80-81 -T 5432 "), HasSubstr(" -u none -U none ")));
  EXPECT_THAT(told({"-p", "[::1]:53:53/udp", "-p", "53:53", "--host-port=1/udp"}),
              AllOf(HasSubstr(" -t 53:53 -T none "), HasSubstr(" -u ::1/53:53 -U 1 ")));
}

TEST(PlanNetwork, TellsSlirp4netnsToLeadNothingToTheHostsLoopback) {
  const std::string said = told({"--network=slirp4netns"});
  EXPECT_THAT(said, AllOf(HasSubstr(" --disable-host-loopback "), HasSubstr(" --enable-seccomp "),
                          HasSubstr(" --enable-sandbox {PID} tap0 ")));
  EXPECT_THAT(told({"--network=slirp4netns", "--userns=1000:1000:1", "--user=1000"}),
              Not(HasSubstr(" --enable-sandbox ")))
      << "it would become root inside, of which there is none";
}

TEST(PlanNetwork, KeepsRootsProgramFromBecomingNobody) {
  EXPECT_THAT(told({"--network=pasta"}), Not(HasSubstr("--runas")));
  host::Facts facts = facts_of_root();
  facts.network = with_both().network;
  EXPECT_THAT(told({"--network=pasta"}, facts), HasSubstr(" --runas 0:0 "));
}

TEST(PlanNetwork, NamesThePackageOfAProgramThatIsMissing) {
  const host::Facts none = facts_with({});
  EXPECT_EQ(refusal_of({"--network=pasta"}, none), "cannot use --network=pasta: pasta is not installed");
  EXPECT_EQ(try_plan({"--network=pasta"}, none).error().hint(), "it is in the package passt");
  EXPECT_EQ(refusal_of({"--network=slirp4netns"}, none),
            "cannot use --network=slirp4netns: slirp4netns is not installed");
  EXPECT_EQ(refusal_of({"-p", "8080:80"}, none),
            "cannot use -p 8080:80: neither pasta nor slirp4netns is installed");
  EXPECT_EQ(try_plan({"-p", "8080:80"}, none).error().hint(), "pasta is in the package passt");
}

TEST(PlanNetwork, IsOfTheFenceNet) {
  EXPECT_EQ(refusal_of({"--require=net", "--network=pasta"}, with_both()), "");
  EXPECT_NE(refusal_of({"--require=net"}), "");
  EXPECT_NE(refusal_of({"--require=net", "--network=ns:/x"}), "");
  const Policy policy = plan_of({"--network=pasta", "--host-port=5432"}, with_both()).policy;
  EXPECT_THAT(policy, Contains(testing::Field(&PolicyItem::what,
                                              "nothing of the host's loopback but port 5432/tcp")));
}

// What /etc/resolv.conf holds inside; empty: the host's own is bound.
std::string resolv_conf(std::string own, std::string of_systemd = {}, Words flags = {"--network=pasta"}) {
  host::Facts facts = with_both();
  facts.network->resolv_conf = std::move(own);
  facts.network->systemd_resolv_conf = std::move(of_systemd);
  for (const BindContent& content : steps_of<BindContent>(plan_of(std::move(flags), facts))) {
    if (content.to == "/etc/resolv.conf") return content.content;
  }
  return {};
}

TEST(ResolvConf, IsTheHostsWhereItsServersCanBeReached) {
  EXPECT_EQ(resolv_conf("search a\nnameserver 192.0.2.1\nnameserver 2001:db8::1\n"), "");
  EXPECT_EQ(resolv_conf("nameserver 127.0.0.53\n", {}, {}), "") << "in the host's own network";
}

TEST(ResolvConf, IsSystemdsWhereTheHostAsksItsStub) {
  const std::string real = "nameserver 192.0.2.1\nsearch example.org\n";
  EXPECT_EQ(resolv_conf("nameserver 127.0.0.53\noptions edns0\n", real), real);
  EXPECT_EQ(resolv_conf("nameserver 127.0.0.1\n", real), "nameserver 169.254.1.1\n") << "another resolver";
  EXPECT_EQ(resolv_conf("nameserver 127.0.0.53\n", "nameserver 127.0.0.1\n"), "nameserver 169.254.1.1\n");
}

TEST(ResolvConf, AsksTheHelperWhereTheHostAsksItself) {
  EXPECT_EQ(resolv_conf("search a b\nnameserver 127.0.0.1\n nameserver\t::1 # x\noptions edns0\n"),
            "nameserver 169.254.1.1\nsearch a b\noptions edns0\n");
  EXPECT_EQ(resolv_conf("nameserver 127.0.0.1", {}, {"--network=slirp4netns"}), "nameserver 10.0.2.3\n");
  EXPECT_EQ(resolv_conf("nameserver 192.0.2.1\nnameserver 127.0.0.1\n"),
            "nameserver 169.254.1.1\nnameserver 192.0.2.1\n");
}

TEST(ResolvConf, IsWhatDnsSays) {
  EXPECT_EQ(resolv_conf("nameserver 127.0.0.1\n", {}, {"--network=pasta", "--dns=192.0.2.9"}),
            "nameserver 192.0.2.9\n");
  EXPECT_EQ(resolv_conf("nameserver 127.0.0.1\n", {}, {"--network=pasta", "--dns=none"}), "");
}

}  // namespace
}  // namespace kelp::plan
