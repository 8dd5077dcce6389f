// SPDX-License-Identifier: Apache-2.0
// What check() asks of the command: its words, rights, limits and descriptors.
#include <sys/resource.h>

#include <algorithm>

#include "base/text.h"
#include "spec/check_parts.h"

namespace kelp {
namespace {

void check_words(const Spec& spec, std::vector<Error>& problems) {
  const Command& command = spec.command;
  if (!command.argv.empty() && command.argv[0].empty()) {
    problems.emplace_back("run ''", "the name of the program is empty");
  }
  for (const std::string& arg : command.argv) {
    if (has_zero_byte(arg))
      problems.emplace_back(cat("pass the argument '", arg, "'"), "it holds a zero byte");
  }
  if (command.directory) {
    const auto refuse = [&](std::string reason) {
      problems.push_back(Error(cat("start in '", *command.directory, "'"), std::move(reason))
                             .after(spec.origins.directory.text));
    };
    if (!command.directory->starts_with('/')) refuse("the directory is not absolute");
    if (has_zero_byte(*command.directory)) refuse("a path cannot hold a zero byte");
  }
  for (const std::string& entry : command.environment.entries) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0 || has_zero_byte(entry)) {
      problems.emplace_back(cat("set the variable '", entry, "'"), "it is not NAME=VALUE");
    }
  }
}

// A process that joins a container takes what that has.
bool has_own_devpts(const Spec& spec) {
  if (spec.entered) return true;
  return std::any_of(spec.mounts.begin(), spec.mounts.end(), [](const Mount& mount) {
    const auto* plain = std::get_if<PlainMount>(&mount.what);
    return std::holds_alternative<Devices>(mount.what) || (plain != nullptr && plain->type == "devpts");
  });
}

// capset(2) and PR_CAP_AMBIENT_RAISE would refuse these.
void check_sets(const CapabilitySets& sets, std::vector<Error>& problems) {
  const auto refuse = [&](CapabilityMask mask, std::string_view reason) {
    if (mask != 0)
      problems.emplace_back(cat("give the capabilities ", capability_names(mask)), std::string(reason));
  };
  refuse((sets.bounding | sets.permitted | sets.inheritable) & ~all_capabilities(),
         "kelp does not know them all");
  refuse(sets.effective & ~sets.permitted, "they are to be effective, and not permitted");
  refuse(sets.ambient & ~(sets.permitted & sets.inheritable),
         "they are to be ambient, and not permitted and inheritable");
}

void check_rights(const Spec& spec, std::vector<Error>& problems) {
  const Command& command = spec.command;
  const Capabilities& capabilities = command.capabilities;
  if ((capabilities.root & ~all_capabilities()) != 0) {
    problems.emplace_back(cat("give the capabilities ", capability_names(capabilities.root)),
                          "kelp does not know them all");
  }
  if ((capabilities.any_user & ~capabilities.root) != 0) {
    problems.emplace_back(
        cat("give the capabilities ", capability_names(capabilities.any_user & ~capabilities.root)),
        "the bounding set lacks them");
  }
  if (capabilities.sets) check_sets(*capabilities.sets, problems);
  const bool holds_something = command.held_fd >= 0 || !command.lock_files.empty();
  if (command.pid1 != Pid1::kCommand && !spec.new_namespaces.has(Namespace::kPid) && !holds_something) {
    problems.emplace_back("make a reaper PID 1", "the pid namespace is the host's");
  }
  if (command.pid1 == Pid1::kCommand && holds_something) {
    problems.emplace_back("hold locks or a descriptor", "there is no reaper that could");
  }
  if (command.inner_namespaces == InnerNamespaces::kForbidden &&
      !std::holds_alternative<SingleId>(spec.ids.map)) {
    problems.emplace_back("forbid user namespaces inside",
                          "that needs a new user namespace with a single id");
  }
  if (command.terminal == TerminalMode::kAlways && !command.new_session) {
    problems.emplace_back("make a terminal", "without a session of its own the container cannot have one");
  }
  if (command.terminal == TerminalMode::kAlways && !has_own_devpts(spec)) {
    problems.emplace_back("make a terminal", "the container has no /dev of its own");
  }
  if (command.umask && *command.umask > 0777) {
    problems.emplace_back("set the umask", "it has more bits than a mask has");
  }
  for (const ResourceLimit& limit : command.limits) {
    if (limit.soft > limit.hard) {
      problems.emplace_back(using_of(limit.origin, cat("limit ", limit_name(limit.resource))),
                            "the soft limit is above the hard one");
    }
    // Since Linux 5.4 a limit of zero counts at once: the kernel would end what sets the container up.
    if (limit.resource == RLIMIT_CPU && limit.soft == 0) {
      problems.push_back(Error(using_of(limit.origin, "limit cpu"), "the command would never run")
                             .with_hint("the least is a second: cpu=1"));
    }
  }
  if (command.timeout_ms == 0U) {
    problems.push_back(
        Error("end the command after 0 s", "it would never run").after(spec.origins.timeout.text));
  }
}

void check_descriptors(const Spec& spec, std::vector<Error>& problems) {
  std::vector<int> fds = spec.command.preserved_fds;
  std::sort(fds.begin(), fds.end());
  for (std::size_t i = 0; i < fds.size(); ++i) {
    const auto refuse = [&](std::string reason) {
      problems.push_back(Error(cat("preserve descriptor ", fds[i]), std::move(reason))
                             .after(spec.origins.preserved_fds.text));
    };
    if (fds[i] < 0) refuse("there is no such descriptor");
    if (fds[i] >= 0 && fds[i] <= 2) refuse("0, 1 and 2 are passed anyway");
    if (i > 0 && fds[i] == fds[i - 1]) refuse("it is named twice");
  }
  if (spec.report_fd < 0) return;
  const auto unfit = [&](std::string reason) {
    return Error(cat("report to descriptor ", spec.report_fd), std::move(reason))
        .after(spec.origins.report.text);
  };
  if (spec.report_fd <= 2)
    problems.push_back(unfit("0, 1 and 2 belong to the command").with_hint("--report 3 3>FILE"));
  if (std::binary_search(fds.begin(), fds.end(), spec.report_fd))
    problems.push_back(unfit("the command would get it too"));
}

}  // namespace

std::vector<Error> problems_of_command(const Spec& spec) {
  std::vector<Error> problems;
  check_words(spec, problems);
  check_rights(spec, problems);
  check_descriptors(spec, problems);
  return problems;
}

}  // namespace kelp
