// SPDX-License-Identifier: Apache-2.0
// See hook.h.
// Runs in: both.
#include "sys/hook.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/unique_fd.h"

namespace kelp::sys {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

// The last of it.
std::string words_of(int said_fd) {
  struct stat info{};
  if (said_fd < 0 || ::fstat(said_fd, &info) != 0) return {};
  const off_t most = kMostOfHookWords;
  const off_t from = info.st_size > most ? info.st_size - most : 0;
  std::string words(static_cast<std::size_t>(info.st_size - from), '\0');
  const ssize_t count = ::pread(said_fd, words.data(), words.size(), from);
  words.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  return words;
}

}  // namespace

Error hook_failure(const std::string& path, HookEnd end, int value, std::string_view said) {
  const std::string action = cat("run the hook ", path);
  std::string how;
  switch (end) {
    case HookEnd::kNotStarted: return failure(action, value);
    case HookEnd::kDone:
    case HookEnd::kExited: how = cat("exit status ", value); break;
    case HookEnd::kKilled: how = cat("it was killed by signal ", value); break;
    case HookEnd::kTooLong: how = cat("it was not done within ", value, " s"); break;
  }
  const std::string_view words = trimmed(said);
  if (!words.empty()) how += cat(": ", words);
  return Error(action, std::move(how));
}

Status run_hook(const HookProgram& hook, std::array<std::string_view, 3> state) {
  const std::vector<std::string> own_name = {hook.path};
  const std::vector<char*> argv = pointers(hook.args.empty() ? own_name : hook.args);
  const std::vector<char*> environment = pointers(hook.environment);
  std::array<iovec, 3> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i)
    parts[i] = {.iov_base = const_cast<char*>(state[i].data()), .iov_len = state[i].size()};
  const HookResult result = run_hook(HookCall{.path = hook.path.c_str(),
                                              .argv = argv.data(),
                                              .environment = environment.data(),
                                              .timeout_s = hook.timeout_s.value_or(0),
                                              .text = parts.data(),
                                              .parts = static_cast<int>(parts.size())});
  const UniqueFd said(result.said_fd);
  if (result.end == HookEnd::kDone) return {};
  return hook_failure(hook.path, result.end, result.value, words_of(said.get()));
}

}  // namespace kelp::sys
