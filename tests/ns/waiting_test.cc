// SPDX-License-Identifier: Apache-2.0
// A container that is made now and begins later, when somebody says so over a socket.
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "foreign_spec.h"

namespace kelp::launch {
namespace {

using testing::HasSubstr;

class Waiting : public Foreign {
 protected:
  int listen() const {
    const int fd = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, start_socket.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(fd, 16), 0);
    return fd;
  }

  // As a create: in a process that ends when it is done. 0, or the exit status of kelp.
  int create(Spec wanted) {
    const int fd = listen();
    wanted.command.start_fd = fd;
    const int status = leave_alone(std::move(wanted));
    ::close(fd);
    return status;
  }
  bool is_alive() const { return pid_ > 0 && !sys::has_ended(pidfd_.get()); }
  bool ends() const {
    pollfd entry{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&entry, 1, 10'000) == 1;
  }
  Status tell(std::string_view before = {}, std::string_view after = {}) const {
    return tell_start(start_socket, before, after);
  }

  std::string start_socket = cat(place_.path(), "/s");
};

TEST_F(Waiting, BeginsWhenItIsTold) {
  ASSERT_EQ(create(script("echo begun >/out/said; sleep 60")), 0) << said();
  EXPECT_TRUE(is_alive());
  EXPECT_FALSE(std::filesystem::exists(out_ + "/said"));
  const Status told = tell(std::string(100'000, 'x'), std::string(100'000, 'y'));
  EXPECT_TRUE(told) << told.error().sentence();
  for (int i = 0; i < 500 && read("said") != "begun\n"; ++i) ::usleep(10'000);
  EXPECT_EQ(read("said"), "begun\n");
  EXPECT_TRUE(is_alive());
  const Status again = tell();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ECONNREFUSED);
}

TEST_F(Waiting, IsNotMovedByWhoOnlyLooks) {
  ASSERT_EQ(create(script("exit 0")), 0) << said();
  for (int i = 0; i < 3; ++i) {
    const sys::UniqueFd look(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, start_socket.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::connect(look.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    if (i == 1) {
      EXPECT_EQ(::send(look.get(), "bhalf", 5, 0), 5);
    }
  }
  EXPECT_TRUE(is_alive());
  EXPECT_TRUE(tell());
  EXPECT_TRUE(ends());
}

TEST_F(Waiting, WhatCannotBeExecutedIsSaidAtOnce) {
  EXPECT_EQ(create(spec({"no-such-program"})), 127);
  EXPECT_THAT(said(),
              HasSubstr("cannot find no-such-program: there is no such program in the container's PATH"));
  EXPECT_FALSE(is_alive());
}

TEST_F(Waiting, WhatGoesWrongLaterIsSaidToWhoSaysIt) {
  place_.file("root/prog", "#!/bin/sh\n");
  ::chmod((root_ + "/prog").c_str(), 0755);
  ASSERT_EQ(create(spec({"/prog"})), 0) << said();
  ::unlink((root_ + "/prog").c_str());
  const Status told = tell();
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().sentence(), "cannot execute /prog: No such file or directory");
  EXPECT_EQ(told.error().status(), 127);
  EXPECT_TRUE(ends());
}

TEST_F(Waiting, EndsLikeAnyProcess) {
  ASSERT_EQ(create(script("exit 0")), 0) << said();
  ::kill(pid_, SIGKILL);
  EXPECT_TRUE(ends());
  const Status told = tell();
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().code(), ECONNREFUSED);
}

// It was executed inside: its memory belongs to the container's user namespace.
TEST_F(Waiting, MayBeEnteredByItsOwner) {
  ASSERT_EQ(create(script("exit 0")), 0) << said();
  const pid_t visitor = ::fork();
  if (visitor == 0) {
    const int kinds = CLONE_NEWNS | CLONE_NEWPID | (has_rights() ? 0 : CLONE_NEWUSER);
    ::_exit(::setns(pidfd_.get(), kinds) == 0 ? 0 : errno);
  }
  int status = -1;
  EXPECT_EQ(::waitpid(visitor, &status, 0), visitor);
  EXPECT_EQ(WEXITSTATUS(status), 0) << std::strerror(WEXITSTATUS(status));
}

}  // namespace
}  // namespace kelp::launch
