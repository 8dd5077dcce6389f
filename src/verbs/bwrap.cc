// SPDX-License-Identifier: Apache-2.0
// `kelp bwrap`; see bwrap.h. The command line is read in src/bwrap; here are its descriptors and what it
// says.
#include "verbs/bwrap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>

#include "base/text.h"
#include "bwrap/messages.h"
#include "bwrap/read.h"
#include "launch/last_words.h"
#include "sys/caps.h"
#include "sys/descriptors.h"
#include "sys/files.h"
#include "verbs/print.h"
#include "verbs/start_spec.h"

namespace kelp::verbs {
namespace {

constexpr int kFailed = 1;
constexpr std::size_t kMaxData = 64U << 20U;  // of arguments and of filters

bool is_same_directory(const std::string& a, const std::string& b) {
  struct stat first{};
  struct stat second{};
  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

// As the shell calls it, where $PWD still tells the truth: it may lead through links that exist inside too.
std::string working_directory() {
  const char* const told = std::getenv("PWD");
  if (told != nullptr && told[0] == '/' && is_same_directory(told, ".")) return told;
  return sys::working_directory();
}

Result<bwrap::Surroundings> surroundings() {
  bwrap::Surroundings around{.user = ::geteuid(), .group = ::getegid()};
  if (around.user == 0) {
    const Result<sys::CapabilityMask> mask = sys::effective_capabilities();
    if (!mask) return mask.error();
    around.capabilities = *mask & all_capabilities();
  }
  for (char** entry = environ; *entry != nullptr; ++entry) around.environment.emplace_back(*entry);
  around.working_directory = working_directory();
  std::array<char, PATH_MAX> terminal{};
  if (::isatty(STDOUT_FILENO) == 1 && ::ttyname_r(STDOUT_FILENO, terminal.data(), terminal.size()) == 0)
    around.terminal = terminal.data();
  around.read_fd = [](int fd) { return sys::read_all(fd, kMaxData, cat("descriptor ", fd)); };
  around.is_open = [](int fd) { return ::fcntl(fd, F_GETFD) >= 0; };
  return around;
}

// Says it as bubblewrap does.
class Voice {
 public:
  explicit Voice(bool has_levels) : has_levels_(has_levels) {}

  int refuse(const std::string& sentence, const std::string& reason = {}) const {
    say("<3>", cat("bwrap: ", sentence));
    if (!reason.empty()) say("<6>", cat("hint: ", reason));
    return kFailed;
  }
  void warn(const std::string& sentence) const { say("<4>", cat("bwrap: ", sentence)); }

 private:
  void say(std::string_view level, const std::string& line) const {
    const std::string text = cat(has_levels_ ? level : "", printable(line), "\n");
    (void)launch::write_last_words(STDERR_FILENO, text, "stderr");
  }
  bool has_levels_;
};

// All that is open and was not used up goes to the command, as bubblewrap has it; but no directory, which
// would be a way to the host's files that no option names.
std::vector<int> descriptors_of_command(const bwrap::Request& request) {
  std::vector<int> fds;
  for (const int fd : sys::open_descriptors()) {
    if (fd <= STDERR_FILENO || std::ranges::find(request.consumed_fds, fd) != request.consumed_fds.end())
      continue;
    struct stat info{};
    if (::fstat(fd, &info) == 0 && !S_ISDIR(info.st_mode)) fds.push_back(fd);
  }
  return fds;
}

// The namespaces that the child has and we have not. Of users bubblewrap says nothing.
bwrap::NamespaceIds new_ones_of(const sys::NamespaceNumbers& theirs) {
  const sys::NamespaceNumbers ours = sys::namespaces_in("/proc/self");
  bwrap::NamespaceIds ids;
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    if (i == sys::kUserNamespaceFile) continue;
    if (ours[i] != 0 && theirs[i] != 0 && ours[i] != theirs[i])
      ids.emplace_back(sys::kNamespaceFiles[i], theirs[i]);
  }
  return ids;
}

std::vector<launch::Words> words_of_birth(const bwrap::Request& request, pid_t pid,
                                          const sys::NamespaceNumbers& namespaces) {
  const bwrap::NamespaceIds ids = new_ones_of(namespaces);
  std::vector<launch::Words> words;
  if (request.info_fd)
    words.push_back({.fd = *request.info_fd,
                     .text = bwrap::birth_document(pid, ids),
                     .name = "the info descriptor",
                     .closes = *request.info_fd > STDERR_FILENO});
  if (request.status_fd)
    words.push_back(
        {.fd = *request.status_fd, .text = bwrap::birth_line(pid, ids), .name = "the status descriptor"});
  return words;
}

int start(bwrap::Request& request, const Voice& voice) {
  request.spec.command.preserved_fds = descriptors_of_command(request);
  // What a sentence needs of it; the Spec itself goes its way.
  const Spec spec = request.spec;
  StartOptions options;
  if (request.info_fd || request.status_fd)
    options.at_birth = [&](pid_t pid, const sys::NamespaceNumbers& namespaces) {
      return words_of_birth(request, pid, namespaces);
    };
  if (request.status_fd) {
    options.ended = [&](int status) {
      return launch::Words{
          .fd = *request.status_fd, .text = bwrap::end_line(status), .name = "the status descriptor"};
    };
  }
  options.refuse = [&](const Error& error) {
    return voice.refuse(bwrap::sentence(error, spec), bwrap::better_reason(error));
  };
  return start_spec(std::move(request.spec), options);
}

}  // namespace

int bwrap(std::span<const std::string> args) {
  const Result<bwrap::Surroundings> around = surroundings();
  if (!around) return Voice(false).refuse(around.error().sentence());
  bwrap::Reading reading = bwrap::read(args, *around);
  const Voice voice(reading.request.level_prefix);
  for (const std::string& text : reading.request.warnings) voice.warn(text);
  if (reading.refusal) {
    if (!reading.refusal->action().empty()) return voice.refuse(reading.refusal->action());
    (void)sys::write_all(STDERR_FILENO, bwrap::usage(), "stderr");
    return kFailed;
  }
  switch (reading.request.wish) {
    case bwrap::Request::Wish::kTellHelp: return print_out(bwrap::usage());
    case bwrap::Request::Wish::kTellVersion: return print_out(cat("bubblewrap ", bwrap::kVersion, "\n"));
    case bwrap::Request::Wish::kStart: break;
  }
  return start(reading.request, voice);
}

int refuse_as_bwrap(const Error& error) {
  const bool is_setuid = error.action() == "run with raised privileges";
  return Voice(false).refuse(is_setuid ? "setuid use of bubblewrap is not supported" : error.sentence());
}

}  // namespace kelp::verbs
