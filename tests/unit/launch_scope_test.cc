// SPDX-License-Identifier: Apache-2.0
// A systemd that takes connections and never says a word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "harness/harness.h"
#include "launch/clock.h"
#include "launch/scope.h"

namespace kelp::launch {
namespace {

TEST(Scope, IsNotWaitedForBeyondTheDeadline) {
  const harness::TempDir place;
  const std::string path = place.path() + "/bus";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(listener, 5), 0);
  const std::uint64_t began = now_us();
  const Status entered = enter_scope({.bus_address = "unix:path=" + path, .slice = {}}, began + 500'000);
  EXPECT_LT(now_us() - began, 10'000'000U);
  close(listener);
  ASSERT_FALSE(entered);
  KELP_REQUIRE(entered.error().sentence().find("libsystemd") == std::string::npos,
               "libsystemd is not installed");
  EXPECT_EQ(entered.error().sentence(),
            "cannot get a scope from systemd: the time is over (--timeout) (at unix:path=" + path + ")");
  EXPECT_EQ(entered.error().status(), kExitTimeout);
}

}  // namespace
}  // namespace kelp::launch
