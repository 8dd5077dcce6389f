// SPDX-License-Identifier: Apache-2.0
// The command line of runc and crun → a value. What a flag means to the container is not here: config.json is
// read in config.h, and a verb puts both together.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kelp::oci {

enum class Verb : std::uint8_t {
  kNone,  // --help, --version
  kCreate,
  kStart,
  kRun,
  kState,
  kKill,
  kDelete,
  kExec,
  kList,
  kPs,
  kPause,
  kResume,
  kUpdate,
  kEvents,
  kFeatures,
  kSpec,
};

std::string_view name_of(Verb verb);

enum class LogForm : std::uint8_t { kText, kJson };

// What was typed. A flag that was not typed is nothing, false or empty.
struct Arguments {
  Verb verb = Verb::kNone;
  bool help = false;
  bool version = false;

  // Before the verb.
  std::optional<std::string> root;
  std::optional<std::string> log;
  std::optional<std::string> log_format;
  bool debug = false;
  bool systemd_cgroup = false;
  std::optional<std::string> cgroup_manager;
  std::optional<std::string> rootless;  // taken, and of no meaning: what is allowed is seen

  // create, run, spec
  std::optional<std::string> bundle;
  std::optional<std::string> config;  // of another name than config.json
  std::optional<std::string> pid_file;
  std::optional<std::string> console_socket;
  bool no_pivot = false;
  bool no_new_keyring = false;
  bool no_subreaper = false;
  bool keep = false;
  bool detach = false;
  std::optional<std::uint64_t> preserve_fds;
  bool is_rootless_spec = false;

  // exec
  std::optional<std::string> process;
  bool tty = false;
  std::optional<std::string> user;
  std::vector<std::string> additional_gids;
  std::optional<std::string> cwd;
  std::vector<std::string> env;
  std::vector<std::string> caps;
  bool no_new_privs = false;
  std::optional<std::string> apparmor;
  std::optional<std::string> process_label;
  std::optional<std::string> cgroup;
  bool ignore_paused = false;

  bool all = false;    // kill
  bool force = false;  // delete
  bool quiet = false;  // list
  std::optional<std::string> format;
  bool stats = false;  // events
  std::optional<std::string> interval;

  // update; the numbers as they were typed
  std::optional<std::string> resources;
  std::optional<std::string> blkio_weight, cpu_period, cpu_quota, cpu_share, cpu_burst, cpu_idle, cpuset_cpus,
      cpuset_mems, memory, memory_reservation, memory_swap, pids_limit;

  std::string id;
  std::vector<std::string>
      words;  // behind the id: of exec the command, of kill the signal, of ps its options

  bool operator==(const Arguments&) const = default;
};

// `args` without the program's name. A refusal names what was typed; its action is a whole sentence
// (FailedPart::kUsage).
Result<Arguments> read_arguments(std::span<const std::string> args);

// The flags as far as they can be read, whatever else is wrong: how a refusal is to be told.
Arguments log_flags_of(std::span<const std::string> args);

std::string help_text(Verb verb);

// Every flag, as it is typed, for the check of the manual page.
std::vector<std::string> flag_names();

// A refusal in the words of this front, which are runc's where engines know them.
Error refusal(std::string sentence);

// "TERM", "SIGTERM", "sigterm", "15" → 15; "0", which only asks, is 0. Nothing for what is no signal.
std::optional<int> read_signal(std::string_view text);

}  // namespace kelp::oci
