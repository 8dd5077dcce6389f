// SPDX-License-Identifier: Apache-2.0
// Writing to who may never read: as much as fits, and without waiting.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>

#include "sys/files.h"
#include "sys/pipe.h"

namespace kelp::sys {
namespace {

constexpr std::size_t kMuch = 1U << 20U;

// What is taken until nothing more is; a write that waits is ended by the alarm, and the test with it.
std::size_t taken_by(int fd, const std::string& text = std::string(8192, 'x')) {
  ::alarm(20);
  std::size_t taken = 0;
  for (;;) {
    const Result<std::size_t> written = write_at_once(fd, text, "it");
    if (!written || *written == 0 || taken > kMuch) break;
    taken += *written;
  }
  ::alarm(0);
  return taken;
}

TEST(WriteAtOnce, TakesWhatFitsIntoAPipe) {
  const Result<Pipe> pipe = make_pipe();
  ASSERT_TRUE(pipe);
  const int size = ::fcntl(pipe->write_end.get(), F_SETPIPE_SZ, 4096);
  EXPECT_EQ(taken_by(pipe->write_end.get()), static_cast<std::size_t>(size));
  std::string read(static_cast<std::size_t>(size), '\0');
  EXPECT_EQ(::read(pipe->read_end.get(), read.data(), read.size()), size);
  EXPECT_EQ(*write_at_once(pipe->write_end.get(), "more", "it"), 4U);
}

TEST(WriteAtOnce, IsTheSameForAPipeThatDoesNotWait) {
  const Result<Pipe> pipe = make_pipe();
  ASSERT_TRUE(pipe);
  ::fcntl(pipe->write_end.get(), F_SETFL, O_NONBLOCK);
  EXPECT_EQ(taken_by(pipe->write_end.get()), 65536U);
}

struct Terminal {
  UniqueFd master;
  UniqueFd slave;  // not valid: none could be made
};

Terminal open_terminal() {
  Terminal made{.master = UniqueFd(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)), .slave = {}};
  if (::grantpt(made.master.get()) == 0 && ::unlockpt(made.master.get()) == 0)
    made.slave = UniqueFd(::open(::ptsname(made.master.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  return made;
}

// Whatever is left free where it is nearly full, and where a line's end takes two bytes.
TEST(WriteAtOnce, DoesNotWaitForATerminal) {
  for (const std::string& text : {std::string(8192, 'x'), std::string(1999, 'x'), std::string(777, '\n')}) {
    const auto [master, slave] = open_terminal();
    ASSERT_TRUE(slave.valid());
    const int flags = ::fcntl(slave.get(), F_GETFL);
    const std::size_t taken = taken_by(slave.get(), text);
    EXPECT_GT(taken, 2048U);
    EXPECT_LT(taken, kMuch);
    EXPECT_EQ(::fcntl(slave.get(), F_GETFL), flags) << "others share it";
  }
}

TEST(WriteAtOnce, WritesToTheMasterThatItWasGiven) {
  const auto [master, slave] = open_terminal();
  ASSERT_TRUE(slave.valid());
  EXPECT_EQ(*write_at_once(master.get(), "typed\n", "it"), 6U);
  std::string read(6, '\0');
  EXPECT_EQ(::read(slave.get(), read.data(), read.size()), 6);
  EXPECT_EQ(read, "typed\n");
}

TEST(WriteAtOnce, DoesNotWaitForASocket) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const UniqueFd one(ends[0]);
  const UniqueFd other(ends[1]);
  const std::size_t taken = taken_by(one.get());
  EXPECT_GT(taken, 2048U);
  EXPECT_LT(taken, kMuch);
}

TEST(WriteAtOnce, TellsWhatNoReaderCouldMend) {
  ::signal(SIGPIPE, SIG_IGN);
  Result<Pipe> pipe = make_pipe();
  ASSERT_TRUE(pipe);
  pipe->read_end.reset();
  EXPECT_EQ(write_at_once(pipe->write_end.get(), "x", "it").error().sentence(),
            "cannot write it: Broken pipe");
  EXPECT_EQ(write_at_once(999, "x", "it").error().code(), EBADF);
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  EXPECT_EQ(write_at_once(full.get(), "x", "it").error().code(), ENOSPC);
}

}  // namespace
}  // namespace kelp::sys
