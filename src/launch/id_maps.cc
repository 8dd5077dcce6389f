// SPDX-License-Identifier: Apache-2.0
// Writes the id maps; see id_maps.h.
// Runs in: parent.
#include "launch/id_maps.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/pipe.h"

namespace kelp::launch {
namespace {

constexpr std::size_t kMaxHelperOutput = 4096;

std::string map_text(const IdMap& map) {
  std::string text;
  for (const IdRange& range : map) text += cat(range.inside, " ", range.host, " ", range.count, "\n");
  return text;
}

Status write_by_parent(const plan::IdMaps& maps, pid_t pid) {
  const std::string directory = cat("/proc/", pid, "/");
  if (maps.deny_setgroups) {
    if (Status s = sys::write_file(cat(directory, "setgroups"), "deny"); !s) return s;
  }
  if (Status s = sys::write_file(cat(directory, "uid_map"), map_text(maps.users)); !s) return s;
  return sys::write_file(cat(directory, "gid_map"), map_text(maps.groups));
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

// The helper's own words are the reason: it knows which line of which file it did not like.
Status finish_helper(Helper& helper, const std::string& program) {
  Result<std::string> said = sys::read_all(helper.output.get(), kMaxHelperOutput, program);
  Result<sys::Process::Ended> ended = helper.process.wait();
  if (!ended) return ended.error();
  if (WIFEXITED(ended->wait_status) && WEXITSTATUS(ended->wait_status) == 0) return {};
  std::string reason = said ? *said : std::string();
  while (reason.ends_with('\n')) reason.pop_back();
  if (reason.empty()) reason = cat("it ended with wait status ", ended->wait_status);
  return Error(cat("write the id map with ", program), std::move(reason));
}

Status write_by_helpers(const plan::IdMaps& maps, pid_t pid) {
  Result<Helper> users = start_helper(maps.newuidmap, maps.users, pid);
  if (!users) return users.error();
  Result<Helper> groups = start_helper(maps.newgidmap, maps.groups, pid);
  if (!groups) return groups.error();
  if (Status s = finish_helper(*users, maps.newuidmap); !s) return s;
  return finish_helper(*groups, maps.newgidmap);
}

}  // namespace

Status write_id_maps(const plan::IdMaps& maps, const sys::Process& child) {
  Status written;
  switch (maps.writer) {
    case plan::MapWriter::kParent: written = write_by_parent(maps, child.pid()); break;
    case plan::MapWriter::kHelpers: written = write_by_helpers(maps, child.pid()); break;
    case plan::MapWriter::kOthers:
    case plan::MapWriter::kNobody: break;
  }
  if (!written) return std::move(written.error()).after("giving the container its ids");
  return written;
}

}  // namespace kelp::launch
