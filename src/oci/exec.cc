// SPDX-License-Identifier: Apache-2.0
// One more process in a container; see exec.h.
#include "oci/exec.h"

#include <utility>

#include "base/text.h"
#include "formats/json_reader.h"
#include "oci/process.h"

namespace kelp::oci {
namespace {

struct Process {
  Command command;
  ExecAffinity affinity;
};

Result<Process> read_document(std::string_view text, const Surroundings& around) {
  constexpr std::string_view kDocument = "the process";
  const Result<Json> json = formats::parse_json(text, kDocument);
  if (!json) return json.error();
  Problems problems;
  std::vector<std::string> warnings;
  const Section section(*json, {.document = kDocument}, problems);
  Process process;
  if (section) process = {command_of(section, around, warnings), read_exec_affinity(section)};
  if (!problems.empty()) return Error::all_of(std::move(problems));
  trim_capabilities(*process.command.capabilities.sets, all_capabilities(), warnings);
  return process;
}

// Numbers only, as config.json has them: a name could be a number to somebody else.
Status change_user(const std::string& text, Command& command) {
  const std::size_t colon = text.find(':');
  const auto user = read_decimal(std::string_view(text).substr(0, colon), kMaxId);
  if (!user) return Error(cat("run as '", text, "'"), "it is not UID or UID:GID, in numbers");
  command.user.user = static_cast<Id>(*user);
  command.user.origin = {"--user"};
  if (colon == std::string::npos) return {};
  const auto group = read_decimal(std::string_view(text).substr(colon + 1), kMaxId);
  if (!group) return Error(cat("run as '", text, "'"), "it is not UID or UID:GID, in numbers");
  command.user.group = static_cast<Id>(*group);
  return {};
}

Status add_capabilities(const std::vector<std::string>& names, Command& command) {
  if (!command.capabilities.sets) command.capabilities.sets = CapabilitySets{};
  for (const std::string& name : names) {
    const auto bit = capability_of(name);
    if (!bit) return Error(cat("give the capability '", name, "'"), "there is none of this name");
    // Not the ambient ones, which would have to be inheritable.
    CapabilitySets& sets = *command.capabilities.sets;
    sets.bounding |= *bit;
    sets.effective |= *bit;
    sets.permitted |= *bit;
  }
  return {};
}

Result<Process> by_flags(const Config& config, const ExecRequest& request, const Surroundings& around) {
  Process process = {config.spec.command, config.exec_affinity};
  Command& command = process.command;
  if (request.args.empty()) return Error("run in the container", "no program is named");
  command.argv = request.args;
  command.environment.entries.insert(command.environment.entries.end(), request.environment.begin(),
                                     request.environment.end());
  if (request.directory) command.directory = *request.directory;
  if (request.user) {
    if (Status s = change_user(*request.user, command); !s) return s.error();
  }
  if (!request.additional_groups.empty() && command.listed_groups.empty())
    command.groups_origin = {"--additional-gids"};
  command.listed_groups.insert(command.listed_groups.end(), request.additional_groups.begin(),
                               request.additional_groups.end());
  if (Status s = add_capabilities(request.capabilities, command); !s) return s.error();
  if (request.no_new_privileges) command.new_privileges = false;
  if (request.apparmor) command.labels.apparmor = *request.apparmor;
  if (request.selinux) command.labels.selinux = *request.selinux;
  command.terminal = request.terminal ? TerminalMode::kAlways : TerminalMode::kNever;
  command.terminal_size = request.terminal_size;
  command.new_keyring = around.new_keyring;
  command.preserved_fds = around.preserved_fds;
  return process;
}

}  // namespace

Result<Spec> exec_spec(const Config& config, const ExecRequest& request, const Surroundings& around) {
  Result<Process> process =
      request.process ? read_document(*request.process, around) : by_flags(config, request, around);
  if (!process) return process.error();
  Spec spec;
  spec.entered = request.entered;
  spec.command = std::move(process->command);
  Scheduling& scheduling = spec.command.scheduling;
  scheduling.initial_cpus = std::move(process->affinity.initial_cpus);
  scheduling.final_cpus = std::move(process->affinity.final_cpus);
  scheduling.initial_cpus_origin = {"process.execCPUAffinity.initial"};
  scheduling.final_cpus_origin = {"process.execCPUAffinity.final"};
  // Those of linux are of every process of the container.
  const Scheduling& containers = config.spec.command.scheduling;
  scheduling.personality = containers.personality;
  scheduling.personality_origin = containers.personality_origin;
  scheduling.memory = containers.memory;
  // The container's console is its first process's.
  spec.command.has_console = false;
  spec.seccomp = config.spec.seccomp;
  std::optional<SeccompListener>& listener = spec.seccomp.listener;
  if (listener) listener->document = process_state_around_pid(request.state, listener->metadata);
  spec.origins.directory = {"the working directory"};
  spec.stays = around.stays;
  return spec;
}

}  // namespace kelp::oci
