// SPDX-License-Identifier: Apache-2.0
// Writes the id maps; see id_maps.h.
// Runs in: parent.
#include "launch/id_maps.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "launch/patience.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/pipe.h"

namespace kelp::launch {
namespace {

constexpr std::size_t kMaxHelperOutput = 4096;

Status write_by_parent(const plan::IdMaps& maps, pid_t pid) {
  const std::string directory = cat("/proc/", pid, "/");
  if (maps.deny_setgroups) {
    if (Status s = sys::write_file(cat(directory, "setgroups"), "deny"); !s) return s;
  }
  if (Status s = sys::write_file(cat(directory, "uid_map"), plan::text_of(maps.users)); !s) return s;
  return sys::write_file(cat(directory, "gid_map"), plan::text_of(maps.groups));
}

struct Helper {
  sys::Process process;
  sys::UniqueFd output;
};

Result<Helper> start_helper(const std::string& program, const IdMap& map, pid_t pid) {
  std::vector<std::string> argv = {program, std::to_string(pid)};
  for (const IdRange& range : map) {
    for (const Id number : {range.inside, range.host, range.count}) argv.push_back(std::to_string(number));
  }
  Result<sys::Pipe> output = sys::make_pipe();
  if (!output) return output.error();
  Result<sys::Process> process = sys::start_program(argv, output->write_end.get());
  if (!process) return process.error();
  return Helper{.process = std::move(*process), .output = std::move(output->read_end)};
}

// What a helper says until it ends, or until it closes its output where it cannot be watched. It may hang: on
// a directory service for one, or on a lock.
Result<std::string> words_of(const Helper& helper, const Patience& patience) {
  std::string said;
  for (bool is_open = true; is_open || helper.process.pidfd() >= 0;) {
    const std::array<int, 2> awaited = {is_open ? helper.output.get() : -1, helper.process.pidfd()};
    const Result<std::size_t> ready = patience(awaited);
    if (!ready) return ready.error();
    if (*ready != 0) {  // it has ended, perhaps with a last word meanwhile
      const Result<bool> says_something = may_be_read(helper.output.get());
      if (!says_something) return says_something.error();
      if (!is_open || !*says_something) break;
    }
    std::array<char, kMaxHelperOutput> buffer;
    const ssize_t count = ::read(helper.output.get(), buffer.data(), buffer.size());
    is_open = count > 0;
    if (is_open && said.empty()) said.assign(buffer.data(), static_cast<std::size_t>(count));
  }
  return said;
}

// The helper's own words are the reason: it knows which line of which file it did not like.
Status finish_helper(Helper& helper, const std::string& program, const Patience& patience) {
  Result<std::string> said = words_of(helper, patience);
  if (!said) return said.error();
  Result<sys::Process::Ended> ended = helper.process.wait();
  if (!ended) return ended.error();
  if (WIFEXITED(ended->wait_status) && WEXITSTATUS(ended->wait_status) == 0) return {};
  std::string reason = *said;
  while (reason.ends_with('\n')) reason.pop_back();
  if (reason.empty()) reason = cat("it ended with wait status ", ended->wait_status);
  return Error(cat("write the id map with ", program), std::move(reason));
}

Status write_by_helpers(const plan::IdMaps& maps, pid_t pid, const Patience& patience) {
  Result<Helper> users = start_helper(maps.newuidmap, maps.users, pid);
  if (!users) return users.error();
  Result<Helper> groups = start_helper(maps.newgidmap, maps.groups, pid);
  if (!groups) return groups.error();
  if (Status s = finish_helper(*users, maps.newuidmap, patience); !s) return s;
  return finish_helper(*groups, maps.newgidmap, patience);
}

}  // namespace

Status write_id_maps(const plan::IdMaps& maps, pid_t child, const Patience& patience) {
  Status written;
  switch (maps.writer) {
    case plan::MapWriter::kParent: written = write_by_parent(maps, child); break;
    case plan::MapWriter::kHelpers: written = write_by_helpers(maps, child, patience); break;
    case plan::MapWriter::kOthers:
    case plan::MapWriter::kNobody: break;
  }
  return written;
}

}  // namespace kelp::launch
