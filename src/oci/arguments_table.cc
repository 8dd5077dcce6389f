// SPDX-License-Identifier: Apache-2.0
// The table of verbs and flags; see arguments_table.h.
#include "oci/arguments_table.h"

#include <array>

namespace kelp::oci {
namespace {

using A = Arguments;

constexpr VerbSet kGlobal = only(Verb::kNone);
constexpr VerbSet kMakes = only(Verb::kCreate) | only(Verb::kRun);
constexpr VerbSet kStarts = kMakes | only(Verb::kExec);
constexpr VerbSet kUpdate = only(Verb::kUpdate);
constexpr VerbSet kExec = only(Verb::kExec);
constexpr std::size_t kAny = SIZE_MAX;

constexpr std::array kFlags = {
    Flag{kGlobal, "root", 0, &A::root, "DIR", "where the containers' state is kept"},
    Flag{kGlobal, "log", 0, &A::log, "FILE", "write errors to this file, too"},
    Flag{kGlobal, "log-format", 0, &A::log_format, "text|json", "how they are written"},
    Flag{kGlobal, "debug", 0, &A::debug, "", "say more in the log"},
    Flag{kGlobal, "systemd-cgroup", 0, &A::systemd_cgroup, "", "the same as --cgroup-manager=systemd"},
    Flag{kGlobal, "cgroup-manager", 0, &A::cgroup_manager, "cgroupfs|systemd|disabled",
         "who makes the container's cgroup"},
    Flag{kGlobal, "rootless", 0, &A::rootless, "true|false|auto", "taken and not needed"},
    Flag{kGlobal, "version", 'v', &A::version, "", "print the version"},

    Flag{kMakes | only(Verb::kSpec), "bundle", 'b', &A::bundle, "DIR",
         "the directory of config.json; else the present one"},
    Flag{kMakes, "config", 'f', &A::config, "FILE", "the configuration, instead of config.json"},
    Flag{kStarts, "pid-file", 0, &A::pid_file, "FILE", "write the process id to it"},
    Flag{kStarts, "console-socket", 0, &A::console_socket, "SOCKET", "who gets the terminal's other end"},
    Flag{kStarts, "preserve-fds", 0, &A::preserve_fds, "N", "pass on N descriptors from 3 on"},
    Flag{kMakes, "no-pivot", 0, &A::no_pivot, "", "refused: without pivot_root there is a way out"},
    Flag{kMakes, "no-new-keyring", 0, &A::no_new_keyring, "", "keep the caller's session keyring"},
    Flag{kMakes, "no-subreaper", 0, &A::no_subreaper, "", "taken: there never is one"},
    Flag{only(Verb::kRun), "keep", 0, &A::keep, "", "do not delete the container at its end"},
    Flag{only(Verb::kRun) | kExec, "detach", 'd', &A::detach, "", "do not wait for its end"},

    Flag{kExec, "process", 'p', &A::process, "FILE", "the process, as config.json has it"},
    Flag{kExec, "tty", 't', &A::tty, "", "a terminal of its own"},
    Flag{kExec, "user", 'u', &A::user, "UID[:GID]", "who the command is"},
    Flag{kExec, "additional-gids", 'g', &A::additional_gids, "GID", "further groups"},
    Flag{kExec, "cwd", 0, &A::cwd, "DIR", "where it begins"},
    Flag{kExec, "env", 'e', &A::env, "NAME=VALUE", "a variable of its environment"},
    Flag{kExec, "cap", 'c', &A::caps, "CAP", "a further capability"},
    Flag{kExec, "no-new-privs", 0, &A::no_new_privs, "", "setuid programs count for nothing"},
    Flag{kExec, "apparmor", 0, &A::apparmor, "PROFILE", "its AppArmor profile"},
    Flag{kExec, "process-label", 0, &A::process_label, "LABEL", "its SELinux label"},
    Flag{kExec, "cgroup", 0, &A::cgroup, "PATH", "a cgroup below the container's"},
    Flag{kExec, "ignore-paused", 0, &A::ignore_paused, "", "also in a container that is paused"},

    Flag{only(Verb::kKill), "all", 'a', &A::all, "", "every process of the container"},
    Flag{only(Verb::kDelete), "force", 'f', &A::force, "", "kill it first; one that is not there is fine"},
    Flag{only(Verb::kList) | only(Verb::kPs), "format", 'f', &A::format, "table|json", "the form"},
    Flag{only(Verb::kList), "quiet", 'q', &A::quiet, "", "only the ids"},
    Flag{only(Verb::kSpec), "rootless", 0, &A::is_rootless_spec, "", "for a caller who is not root"},
    Flag{only(Verb::kEvents), "stats", 0, &A::stats, "", "once, and end"},
    Flag{only(Verb::kEvents), "interval", 0, &A::interval, "TIME", "how often: 5s, 500ms, 1m"},

    Flag{kUpdate, "resources", 'r', &A::resources, "FILE|-", "linux.resources as JSON, instead of the flags"},
    Flag{kUpdate, "blkio-weight", 0, &A::blkio_weight, "N", "10 to 1000"},
    Flag{kUpdate, "cpu-period", 0, &A::cpu_period, "US", "the period of --cpu-quota"},
    Flag{kUpdate, "cpu-quota", 0, &A::cpu_quota, "US", "processor time in each period"},
    Flag{kUpdate, "cpu-share", 0, &A::cpu_share, "N", "weight among others"},
    Flag{kUpdate, "cpu-shares", 0, &A::cpu_share, "N", "the same"},
    Flag{kUpdate, "cpu-burst", 0, &A::cpu_burst, "US", "what may be saved up"},
    Flag{kUpdate, "cpu-idle", 0, &A::cpu_idle, "0|1", "only what others leave"},
    Flag{kUpdate, "cpuset-cpus", 0, &A::cpuset_cpus, "LIST", "processors"},
    Flag{kUpdate, "cpuset-mems", 0, &A::cpuset_mems, "LIST", "memory nodes"},
    Flag{kUpdate, "memory", 0, &A::memory, "BYTES", "limit of memory"},
    Flag{kUpdate, "memory-reservation", 0, &A::memory_reservation, "BYTES", "what it keeps under pressure"},
    Flag{kUpdate, "memory-swap", 0, &A::memory_swap, "BYTES", "limit of memory and swap"},
    Flag{kUpdate, "pids-limit", 0, &A::pids_limit, "N", "limit of processes"},
};

constexpr std::array kVerbs = {
    VerbRow{Verb::kCreate, "create", "ID", "set a container up, to be started later", 1, 1, false},
    VerbRow{Verb::kStart, "start", "ID", "start one that was created", 1, 1, false},
    VerbRow{Verb::kRun, "run", "ID", "create and start", 1, 1, false},
    VerbRow{Verb::kState, "state", "ID", "print its state", 1, 1, false},
    VerbRow{Verb::kKill, "kill", "ID [SIGNAL]", "send it a signal (TERM)", 1, 2, false},
    VerbRow{Verb::kDelete, "delete", "ID", "remove what is kept of it", 1, 1, false},
    VerbRow{Verb::kExec, "exec", "ID COMMAND [ARG...]", "run a command in it", 1, kAny, true},
    VerbRow{Verb::kList, "list", "", "list the containers", 0, 0, false},
    VerbRow{Verb::kPs, "ps", "ID [PS-OPTION...]", "list its processes", 1, kAny, true},
    VerbRow{Verb::kPause, "pause", "ID", "let all its processes stand still", 1, 1, false},
    VerbRow{Verb::kResume, "resume", "ID", "let them go on", 1, 1, false},
    VerbRow{Verb::kUpdate, "update", "ID", "change its limits", 1, 1, false},
    VerbRow{Verb::kEvents, "events", "ID", "print what it uses", 1, 1, false},
    VerbRow{Verb::kFeatures, "features", "", "print what this runtime can do", 0, 0, false},
    VerbRow{Verb::kSpec, "spec", "", "write a config.json to begin with", 0, 0, false},
};

}  // namespace

std::span<const Flag> flags() { return kFlags; }
std::span<const VerbRow> verbs() { return kVerbs; }

}  // namespace kelp::oci
