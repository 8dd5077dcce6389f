// SPDX-License-Identifier: Apache-2.0
// A network of the container's own: what leads in, what leads out, and that nothing else does.
#include "network.h"

#include <sys/un.h>

#include <cerrno>
#include <csignal>
#include <cstddef>

namespace kelp::harness {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// From where to where: over what, at which address of the host, and at which the server inside listens.
struct Way {
  std::string transport, address, inside;
};

// The older pasta needs a moment for connections of IPv6, and refuses or ends them until then.
std::string ask_patiently(const Way& way, const std::string& port) {
  std::string answer;
  for (int i = 0; i < 50; ++i) {
    answer = ask(way.transport, way.address, port);
    if (!answer.starts_with("no: ")) break;
    ::usleep(100'000);
  }
  return answer;
}

// What is said through the flag to a server inside that answers once, and what came of its container.
std::pair<std::string, Outcome> said_through(const Way& way, const std::string& port, const Argv& flags,
                                             const Argv& server) {
  Running container(peer_inside(flags, server), {});
  if (!container.wait_for_output("listening")) return {"", container.finish()};
  std::string answer = ask_patiently(way, port);
  container.kill(SIGTERM);
  return {std::move(answer), container.finish()};
}

// That of Debian 12 now and then ends a connection with the answer still in it; the server is gone by then.
constexpr int kServers = 4;

void lead_in(const Way& way, const std::string& published) {
  std::pair<std::string, Outcome> last;
  for (int i = 0; i < kServers && last.first != "from inside\n"; ++i) {
    const std::string port = free_port();
    // It loses the answers of UDP over loopback where the numbers differ.
    const std::string inside = way.transport == "udp" ? port : "7000";
    const std::string flag = published + port + ":" + inside + "/" + way.transport;
    last =
        said_through(way, port, {"-p", flag}, {"listen", way.transport, way.inside, inside, "from inside"});
  }
  EXPECT_EQ(last.first, "from inside\n") << published << testing::PrintToString(last.second);
}

TEST(Publish, LeadsAPortOfTcpIntoTheContainer) {
  NEEDS_NETWORK("pasta");
  lead_in({.transport = "tcp", .address = "127.0.0.1", .inside = "0.0.0.0"}, "");
  lead_in({.transport = "tcp", .address = "127.0.0.1", .inside = "0.0.0.0"}, "127.0.0.1:");
}

TEST(Publish, LeadsAPortOfUdpIntoTheContainer) {
  NEEDS_NETWORK("pasta");
  lead_in({.transport = "udp", .address = "127.0.0.1", .inside = "0.0.0.0"}, "127.0.0.1:");
}

TEST(Publish, LeadsAPortOfIpv6IntoTheContainer) {
  NEEDS_NETWORK("pasta");
  KELP_REQUIRE(has_ipv6_loopback(), "this machine has no ::1");
  lead_in({.transport = "tcp", .address = "::1", .inside = "::"}, "");
  lead_in({.transport = "tcp", .address = "::1", .inside = "::"}, "[::1]:");
  lead_in({.transport = "udp", .address = "::1", .inside = "::"}, "[::1]:");
}

TEST(Publish, LeadsARangeOfPortsIntoTheContainer) {
  NEEDS_NETWORK("pasta");
  // The port after a free one may be taken.
  std::pair<std::string, Outcome> last;
  for (int i = 0; i < 20 && last.first != "the second\n"; ++i) {
    const std::string first = free_port();
    const std::string second = std::to_string(std::stoi(first) + 1);
    const std::string flag = std::string("127.0.0.1:").append(first).append("-").append(second);
    last = said_through({.transport = "tcp", .address = "127.0.0.1", .inside = {}}, second,
                        {"-p", flag + ":7000-7001"}, {"listen", "tcp", "0.0.0.0", "7001", "the second"});
  }
  EXPECT_EQ(last.first, "the second\n") << testing::PrintToString(last.second);
}

TEST(Publish, LeadsNoOtherPortAndNoOtherAddressIn) {
  NEEDS_NETWORK("pasta");
  const std::string port = free_port();
  const std::string other = free_port();
  Running container(peer_inside({"-p", "127.0.0.1:" + port + ":7000"},
                                {"listen", "tcp", "0.0.0.0", other, "not published"}),
                    {});
  ASSERT_TRUE(container.wait_for_output("listening"));
  EXPECT_THAT(ask("tcp", "127.0.0.1", other), StartsWith("no: connect: "))
      << "it listens, but is not published";
  EXPECT_THAT(ask("tcp", "127.0.0.2", port), StartsWith("no: connect: ")) << "published on another address";
}

TEST(HostPort, ReachesOnePortOfTheHostsLoopback) {
  NEEDS_NETWORK("pasta");
  const std::string port = free_port();
  Running host(server("tcp", "127.0.0.1", port, {"of the host", "of the host"}), {});
  ASSERT_TRUE(host.wait_for_output("listening"));
  EXPECT_EQ(ask_inside({"--network=host"}, "tcp", "127.0.0.1", port), "of the host\n")
      << "the control gets through";
  EXPECT_THAT(ask_inside({"--network=pasta"}, "tcp", "127.0.0.1", port), StartsWith("no: connect: "));
  EXPECT_THAT(ask_inside({"--network=none"}, "tcp", "127.0.0.1", port), StartsWith("no: connect: "));
  EXPECT_EQ(ask_inside({"--host-port", port}, "tcp", "127.0.0.1", port), "of the host\n");
}

TEST(HostPort, ReachesAPortOfUdp) {
  NEEDS_NETWORK("pasta");
  const std::string port = free_port();
  Running host(server("udp", "127.0.0.1", port, {"of the host"}), {});
  ASSERT_TRUE(host.wait_for_output("listening"));
  EXPECT_THAT(ask_inside({"--network=pasta"}, "udp", "127.0.0.1", port), StartsWith("no: "));
  EXPECT_EQ(ask_inside({"--host-port", port + "/udp"}, "udp", "127.0.0.1", port), "of the host\n");
}

TEST(HostPort, ReachesNoOtherPortOfTheHost) {
  NEEDS_NETWORK("pasta");
  const std::string port = free_port();
  const std::string other = free_port();
  Running host(server("tcp", "0.0.0.0", other, {"not meant for it", "not meant for it"}), {});
  ASSERT_TRUE(host.wait_for_output("listening"));
  EXPECT_EQ(ask("tcp", "127.0.0.1", other), "not meant for it\n") << "the control gets through";
  EXPECT_THAT(ask_inside({"--host-port", port}, "tcp", "127.0.0.1", other), StartsWith("no: connect: "));
}

// The address of the gateway stands for the host's loopback where pasta is not told otherwise.
TEST(OwnNetwork, DoesNotLeadToTheHostsLoopbackByTheGateway) {
  NEEDS_NETWORK("pasta");
  const Outcome route =
      run({"sh", "-c", "ip -4 route show default | sed -n 's/.* via \\([0-9.]*\\) .*/\\1/p'"});
  KELP_REQUIRE(!route.out.empty(), "there is no gateway of IPv4");
  const std::string gateway = route.out.substr(0, route.out.find('\n'));
  const std::string port = free_port();
  Running host(server("tcp", "127.0.0.1", port, {"of the host", "of the host"}), {});
  ASSERT_TRUE(host.wait_for_output("listening"));
  // Started by root, pasta becomes somebody who may not enter the namespace that it makes.
  if (identity() != "root") {
    const std::string by_itself =
        run({"pasta", "--config-net", "--quiet", "-t", "none", "-u", "none", "-T", "none", "-U", "none", "--",
             payload("peer"), "ask", "tcp", gateway, port})
            .out;
    EXPECT_EQ(by_itself, "of the host\n") << "the control gets through";
  }
  for (const char* network : {"--network=pasta", "--network=slirp4netns"}) {
    if (!has_program(network + 10)) continue;
    EXPECT_THAT(ask_inside({network}, "tcp", gateway, port), StartsWith("no: ")) << network;
    EXPECT_THAT(ask_inside({network}, "tcp", "10.0.2.2", port), StartsWith("no: ")) << network;
  }
}

TEST(OwnNetwork, HasAnAddressAndARoute) {
  NEEDS_NETWORK("pasta");
  const Outcome outcome = inside("ip -o addr; ip route; ip -6 route", {"--network=pasta"});
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("inet "), HasSubstr("default"))) << outcome.err;
  const Outcome named = inside("ip -o addr", {"--network=pasta:--ns-ifname,kelp0,--mtu=1400"});
  EXPECT_THAT(named.out, HasSubstr("kelp0")) << named.err;
}

TEST(OwnNetwork, IsConnectedBySlirp4netnsWhereThatIsNamed) {
  NEEDS_NETWORK("slirp4netns");
  const Outcome outcome = inside("ip -o addr; ip route; cat /etc/resolv.conf", {"--network=slirp4netns"});
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("10.0.2.100"), HasSubstr("default via 10.0.2.2"))) << outcome.err;
}

// A resolver on the host's loopback is out of reach, so the helper asks it.
TEST(Names, AreAskedOfAResolverOnTheHostsLoopback) {
  KELP_ONLY_AS("port 53 is the machine's root's", "root");
  const TempDir place;
  const std::string file = place.file("resolv.conf", "search example.org\nnameserver 127.0.0.55\n");
  for (const char* name : {"pasta", "slirp4netns"}) {
    NEEDS_NETWORK(name);
    const auto answer = [&](const std::string& flag) {
      const Outcome outcome =
          run({"unshare", "-m", "--propagation", "private", "sh", "-ec",
               "mount --bind $1 $(readlink -f /etc/resolv.conf); $2 listen udp 127.0.0.55 53 answered "
               ">/dev/null & "
               "sleep 0.5; $3 run --network=$4 $5 -v $2:/payload:ro $6 sh -c 'cat /etc/resolv.conf; "
               "/payload ask udp $(sed -n s/nameserver.//p /etc/resolv.conf) 53' || true; kill $! || true",
               "sh", file, payload("peer"), kelp_binary(), name, flag, small_root()});
      return outcome.out + outcome.err;
    };
    EXPECT_THAT(answer("--dns=127.0.0.55"), AllOf(HasSubstr("nameserver 127.0.0.55\n"), HasSubstr("no: ")))
        << name;
    EXPECT_THAT(answer("-w/"), AllOf(HasSubstr("search example.org\n"), HasSubstr("answered\n"))) << name;
  }
}

TEST(OwnNetwork, RefusesWhatCannotBePublished) {
  NEEDS_NETWORK("pasta");
  const std::string port = free_port();
  for (const char* transport : {"tcp", "udp"}) {
    Running host(server(transport, "127.0.0.1", port, {"x"}), {});
    ASSERT_TRUE(host.wait_for_output("listening"));
    const std::string flag = port + ":80/" + transport;
    const Outcome outcome = inside("true", {"-p", flag});
    EXPECT_THAT(outcome, CannotStart());
    EXPECT_EQ(outcome.err, std::string("kelp: cannot publish ") + transport + " port " + port +
                               ": Address already in use (-p " + flag + ")\n");
  }
  const Outcome foreign = inside("true", {"-p", "192.0.2.77:" + port + ":80"});
  EXPECT_THAT(foreign.err, HasSubstr("of 192.0.2.77: Cannot assign requested address"));
}

TEST(OwnNetwork, RefusesAPortThatIsTheMachinesRoots) {
  NEEDS_NETWORK("pasta");
  KELP_ONLY_AS("root may have them", "user", "noranges");
  const std::string least = read_file("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  KELP_REQUIRE(std::stoi(least) > 81, "every port is everybody's here");
  const Outcome outcome = inside("true", {"-p", "81:80"});
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_EQ(outcome.err,
            "kelp: cannot publish tcp port 81: Permission denied (-p 81:80)\nhint: ports below " +
                std::to_string(std::stoi(least)) +
                " are the machine's root's (net.ipv4.ip_unprivileged_port_start)\n");
}

// Not by Landlock: the namespace alone keeps them apart.
TEST(AbstractSockets, AreTheContainersInANetworkOfItsOwn) {
  NEEDS_NETWORK("pasta");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = "kelp-test-" + std::to_string(::getpid());
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), size), 0) << std::strerror(errno);
  ASSERT_EQ(::listen(fd, 8), 0);
  const auto tried = [&](const char* network) {
    return run_in(small_root(), share_payload("fenced", {network, "--landlock=none"}),
                  {"/payload", "abstract", name})
        .out;
  };
  EXPECT_EQ(tried("--network=host"), "done\n") << "the control gets through";
  EXPECT_EQ(tried("--network=pasta"), "Connection refused\n");
}

}  // namespace
}  // namespace kelp::harness
