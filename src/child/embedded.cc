// SPDX-License-Identifier: Apache-2.0
// See embedded.h. The images are made by helpers/CMakeLists.txt.
// Runs in: child.
#include "child/embedded.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"

// Newer than the oldest headers that kelp is built with (Linux 6.3).
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

namespace kelp::child {
namespace {

constexpr unsigned char kInitImage[] = {
#include "child/init_image.inc"
};
constexpr unsigned char kExecImage[] = {
#include "child/exec_image.inc"
};
constexpr std::size_t kMostBytes = 1024UL * 1024;
static_assert(sizeof kInitImage < kMostBytes && sizeof kExecImage < kMostBytes,
              "every start that asks for one copies it");

constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

struct Image {
  const char* name;
  std::string_view bytes;
};

template <std::size_t Size>
std::string_view bytes_of(const unsigned char (&image)[Size]) {
  return {reinterpret_cast<const char*>(image), Size};
}

Image image_of(Embedded which) {
  switch (which) {
    case Embedded::kInit: return {.name = "kelp-init", .bytes = bytes_of(kInitImage)};
    case Embedded::kExec: break;
  }
  return {.name = "kelp-exec", .bytes = bytes_of(kExecImage)};
}

int make_memory_file(const char* name) {
  const int fd = ::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
  if (fd >= 0 || errno != EINVAL) return fd;
  // Before 6.3 every memfd could be executed.
  return ::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

Error explain_write(const Image& image, Error error) {
  rlimit limit{};
  if (error.code() != EFBIG || ::getrlimit(RLIMIT_FSIZE, &limit) != 0) return error;
  return Error(error.action(),
               cat("kelp was started with a limit of ", limit.rlim_cur,
                   " bytes for the size of files (ulimit -f), and it takes ", image.bytes.size()))
      .with_code(EFBIG)
      .with_hint(cat("start kelp without that limit; --ulimit fsize=", limit.rlim_cur,
                     " sets it for the command alone"));
}

Status pass_on(int fd, const char* name) {
  if (::fcntl(fd, F_SETFD, 0) != 0) return sys::failure(cat("pass a descriptor on to ", name));
  return {};
}

// As helpers/exec reads it.
std::string spelled(const FilterProgram& filter) {
  static_assert(std::is_trivially_copyable_v<FilterInstruction>);
  std::string out = std::to_string(filter.flags) + ':';
  const auto* const bytes = reinterpret_cast<const unsigned char*>(filter.code.data());
  for (std::size_t i = 0; i < filter.code.size() * sizeof(FilterInstruction); ++i) {
    out += static_cast<char>('a' + bytes[i] / 16);
    out += static_cast<char>('a' + bytes[i] % 16);
  }
  return out;
}

// As helpers/exec reads them: a word that holds the place of a null pointer ends each list.
std::vector<std::string> spelled(const std::vector<Hook>& hooks) {
  std::vector<std::string> words = {std::to_string(hooks.size())};
  const auto add = [&](const std::vector<std::string>& list) {
    words.insert(words.end(), list.begin(), list.end());
    words.emplace_back("-");
  };
  for (const Hook& hook : hooks) {
    const std::vector<std::string> args = hook.args.empty() ? std::vector<std::string>{hook.path} : hook.args;
    words.push_back(std::to_string(hook.timeout_s.value_or(0)));
    words.push_back(std::to_string(args.size()));
    words.push_back(std::to_string(hook.environment.size()));
    words.push_back(hook.path);
    add(args);
    add(hook.environment);
  }
  return words;
}

Status become(const sys::UniqueFd& program, const char* name, const std::vector<char*>& arguments,
              const std::vector<char*>& environment) {
  ::syscall(SYS_execveat, program.get(), "", arguments.data(), environment.data(), AT_EMPTY_PATH);
  Error error = sys::failure(cat("execute ", name));
  // Its mode allows it, and it lies on no mount with noexec.
  if (error.code() == EACCES) {
    return std::move(error).with_hint(
        "a security module refuses a program in memory; an AppArmor profile around kelp needs "
        "flags=(attach_disconnected) for it");
  }
  // It is there, and needs no interpreter: it is TOMOYO that looks for the name that the kernel gives it.
  if (error.code() == ENOENT) {
    return Error(error.action(), cat("this kernel's TOMOYO looks for /dev/fd/", program.get(),
                                     " in the new root, which has none"))
        .with_code(ENOENT)
        .with_hint("give the container a /dev");
  }
  return error;
}

}  // namespace

Result<sys::UniqueFd> open_embedded(Embedded which) {
  const Image image = image_of(which);
  sys::UniqueFd program(make_memory_file(image.name));
  if (!program.valid()) {
    Error error = sys::failure(cat("make a file in memory for ", image.name));
    // The one case of it (memfd_create(2)).
    if (error.code() == EACCES) {
      return std::move(error).with_hint(
          "the sysctl vm.memfd_noexec is 2, which forbids every program in memory; 1 would do");
    }
    return error;
  }
  if (Status s = sys::write_all(program.get(), image.bytes, image.name); !s)
    return explain_write(image, std::move(s.error()));
  if (::fcntl(program.get(), F_ADD_SEALS, kSeals) != 0) return sys::failure(cat("seal ", image.name));
  return program;
}

Status execute_init(const sys::UniqueFd& program, const InitArguments& arguments) {
  const char* const name = image_of(Embedded::kInit).name;
  if (Status s = pass_on(arguments.status_fd, name); !s) return s;
  if (Status s = pass_on(arguments.ready_fd, name); !s) return s;
  std::string own_name = name;
  std::string command = std::to_string(arguments.command);
  std::string status = std::to_string(arguments.status_fd);
  std::string ready = std::to_string(arguments.ready_fd);
  return become(program, name, {own_name.data(), command.data(), status.data(), ready.data(), nullptr},
                {nullptr});
}

Status execute_by(const sys::UniqueFd& program, const ExecArguments& what) {
  const char* const name = image_of(Embedded::kExec).name;
  std::vector<std::string> filters;
  if (what.filters != nullptr) {
    for (const FilterProgram& filter : what.filters->programs) filters.push_back(spelled(filter));
  }
  if (Status s = pass_on(what.report_fd, name); !s) return s;
  if (what.start_fd >= 0) {
    if (Status s = pass_on(what.start_fd, name); !s) return s;
  }
  std::string own_name = name;
  std::string report = std::to_string(what.report_fd);
  std::string start = what.start_fd < 0 ? "-" : std::to_string(what.start_fd);
  std::string format = what.plain_scripts ? "script" : "any";
  std::string count = std::to_string(filters.size());
  std::string path = what.path;
  std::vector<char*> words = {own_name.data(), report.data(), start.data(), format.data(), count.data()};
  for (std::string& filter : filters) words.push_back(filter.data());
  std::vector<std::string> hooks =
      what.hooks == nullptr ? std::vector<std::string>{"0"} : spelled(*what.hooks);
  for (std::string& word : hooks) words.push_back(word.data());
  words.push_back(path.data());
  words.insert(words.end(), what.arguments.begin(), what.arguments.end());
  return become(program, name, words, what.environment);
}

}  // namespace kelp::child
