// SPDX-License-Identifier: Apache-2.0
// System calls that somebody else answers (config-linux.md, "Seccomp"): the test is that somebody.
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <csignal>
#include <future>
#include <thread>

#include "oci_bundle.h"
#include "unix_listener.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;

// Answers one call with an errno that no kernel gives for it. False: none came.
bool answer_one(int fd) {
  constexpr int kPatienceMs = 10'000;
  pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
  if (::poll(&entry, 1, kPatienceMs) != 1 || (entry.revents & POLLIN) == 0) return false;
  seccomp_notif request{};
  if (::ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &request) != 0) return false;
  seccomp_notif_resp response{};
  response.id = request.id;
  response.error = -EXDEV;
  return ::ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &response) == 0;
}

class OciSeccomp : public testing::Test {
 protected:
  void SetUp() override {
    KELP_ONLY_AS("the kelp around it has a filter of that kind already", "user", "noranges", "root");
    config = plain_config({"sh", "-c", "mkdir /tmp/x; echo after"});
    config["annotations"] = {{"a", "b"}};
    config["linux"]["seccomp"] = {
        {"defaultAction", "SCMP_ACT_ALLOW"},
        {"listenerPath", listener.path()},
        {"listenerMetadata", "some \"metadata\""},
        {"syscalls", {{{"names", {"mkdir", "mkdirat"}}, {"action", "SCMP_ACT_NOTIFY"}}}}};
  }
  Argv run_line() const { return bundle.line({"run", "--bundle", bundle.path(), "one"}); }

  OciBundle bundle;
  UnixListener listener{bundle.place().path() + "/agent"};
  Json config;
};

TEST_F(OciSeccomp, PassesTheCallsOnToWhoListens) {
  for (const bool gains_rights : {false, true}) {
    config["process"]["noNewPrivileges"] = !gains_rights;
    bundle.write(config);
    Running running(run_line(), {});
    const UnixListener::Sent sent = listener.receive();
    ASSERT_GE(sent.fd, 0) << running.finish().err;
    const Json state = Json::parse(sent.text);
    EXPECT_EQ(state["fds"], Json({"seccompFd"}));
    EXPECT_EQ(state["metadata"], "some \"metadata\"");
    EXPECT_GT(state["pid"], 0);
    EXPECT_EQ(state["pid"], state["state"]["pid"]);
    EXPECT_EQ(state["state"]["id"], "one");
    EXPECT_EQ(state["state"]["status"], "creating");
    EXPECT_EQ(state["state"]["annotations"]["a"], "b");
    EXPECT_TRUE(answer_one(sent.fd));
    const Outcome outcome = running.finish();
    EXPECT_EQ(outcome.out, "after\n") << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("Invalid cross-device link"));
    ::close(sent.fd);
  }
}

TEST_F(OciSeccomp, PassesThemOnOfWhatWasCreatedAndOfWhatIsExecutedInIt) {
  config["process"]["args"] = {"sleep", "1000"};
  bundle.write(config);
  auto first = std::async(std::launch::async, [&] { return listener.receive(); });
  ASSERT_EQ(bundle.create("one").status, 0);
  const UnixListener::Sent sent = first.get();
  ASSERT_GE(sent.fd, 0);
  EXPECT_EQ(Json::parse(sent.text)["pid"], bundle.pid_of("one"));
  ASSERT_EQ(bundle.oci({"start", "one"}).status, 0);
  Running running(bundle.line({"exec", "one", "mkdir", "/tmp/x"}), {});
  const UnixListener::Sent second = listener.receive();
  ASSERT_GE(second.fd, 0) << running.finish().err;
  const Json state = Json::parse(second.text);
  EXPECT_EQ(state["state"]["pid"], bundle.pid_of("one"));
  EXPECT_EQ(state["state"]["status"], "running");
  EXPECT_NE(state["pid"], state["state"]["pid"]);
  EXPECT_TRUE(answer_one(second.fd));
  EXPECT_THAT(running.finish().err, HasSubstr("Invalid cross-device link"));
  ::close(second.fd);
  ::close(sent.fd);
}

TEST_F(OciSeccomp, HearsSignalsWhileTheListenerTakesNobody) {
  listener.fill();
  bundle.write(config);
  Running running(run_line(), {});
  std::this_thread::sleep_for(milliseconds{500});
  running.kill(SIGTERM);
  const Outcome outcome = running.finish();
  EXPECT_NE(outcome.status, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(bundle.is_empty());
}

TEST_F(OciSeccomp, BeginsNothingWhereNobodyListens) {
  config["linux"]["seccomp"]["listenerPath"] = bundle.place().path() + "/nobody";
  config["process"]["args"] = {"echo", "begun"};
  bundle.write(config);
  const Outcome outcome = run(run_line());
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("cannot pass the listener of the system call filter to"));
  EXPECT_THAT(outcome.err, HasSubstr("No such file or directory (linux.seccomp.listenerPath)"));
  EXPECT_TRUE(bundle.is_empty());
}

}  // namespace
}  // namespace kelp::harness
