// SPDX-License-Identifier: Apache-2.0
// See init_program.h. The image is made by helpers/CMakeLists.txt.
// Runs in: child.
#include "child/init_program.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "sys/failure.h"
#include "sys/files.h"

// Newer than the oldest headers that kelp is built with (Linux 6.3).
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

namespace kelp::child {
namespace {

constexpr unsigned char kImage[] = {
#include "child/init_image.inc"
};
constexpr std::size_t kMostBytes = 1024UL * 1024;
static_assert(sizeof kImage < kMostBytes, "every start that asks for it copies it");

constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

int make_memory_file() {
  const int fd = ::memfd_create("kelp-init", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
  if (fd >= 0 || errno != EINVAL) return fd;
  // Before 6.3 every memfd could be executed.
  return ::memfd_create("kelp-init", MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

Status pass_on(int fd) {
  if (::fcntl(fd, F_SETFD, 0) != 0) return sys::failure("pass a descriptor on to the init");
  return {};
}

}  // namespace

Result<sys::UniqueFd> open_init_program() {
  sys::UniqueFd program(make_memory_file());
  if (!program.valid()) {
    Error error = sys::failure("make a file in memory for the init");
    // The one case of it (memfd_create(2)).
    if (error.code() == EACCES) {
      return std::move(error).with_hint(
          "the sysctl vm.memfd_noexec is 2, which forbids every program in memory; 1 would do");
    }
    return error;
  }
  const std::string_view image(reinterpret_cast<const char*>(kImage), sizeof kImage);
  if (Status s = sys::write_all(program.get(), image, "the init's program"); !s) return s.error();
  if (::fcntl(program.get(), F_ADD_SEALS, kSeals) != 0) return sys::failure("seal the init's program");
  return program;
}

Status execute_init(const sys::UniqueFd& program, const InitArguments& arguments) {
  if (Status s = pass_on(arguments.status_fd); !s) return s;
  if (Status s = pass_on(arguments.ready_fd); !s) return s;
  std::string name = "kelp-init";
  std::string command = std::to_string(arguments.command);
  std::string status = std::to_string(arguments.status_fd);
  std::string ready = std::to_string(arguments.ready_fd);
  const std::array<char*, 5> argv = {name.data(), command.data(), status.data(), ready.data(), nullptr};
  const std::array<char*, 1> environment = {nullptr};
  ::syscall(SYS_execveat, program.get(), "", argv.data(), environment.data(), AT_EMPTY_PATH);
  return sys::failure("execute the init");
}

}  // namespace kelp::child
