// SPDX-License-Identifier: Apache-2.0
// The flags of `kelp run`: one row a flag, what it looks like and what it does. The order is that of --help.
// A new row also needs its lines in man/kelp-run.1 (the lint compares).
#include <array>
#include <utility>

#include "base/text.h"
#include "cli/draft.h"
#include "cli/environment.h"
#include "cli/ids.h"
#include "cli/mounts.h"
#include "cli/values.h"

namespace kelp::cli {
namespace {

template <typename T, typename U>
Status put(T& slot, U&& value) {
  slot = std::forward<U>(value);
  return {};
}

template <Result<Mount> (*kRead)(std::string_view, const std::string&)>
Status mount(Draft& draft, const Given& given) {
  Result<Mount> read = kRead(*given.value, given.typed);
  if (!read) return read.error();
  draft.request.spec.mounts.push_back(*std::move(read));
  return {};
}

Status mount_plain(Draft& draft, const Given& given, MountKind what) {
  draft.request.spec.mounts.push_back({.what = std::move(what), .origin = {given.typed}});
  return {};
}

Overlay& overlay_of(Draft& draft, const Given& given) {
  std::optional<Overlay>& overlay = draft.request.spec.root.overlay;
  if (!overlay) overlay = Overlay{.lowers = {}, .kept = std::nullopt, .origin = {given.typed}};
  return *overlay;
}

// The value as one of a few words; `store` gets its index.
template <std::size_t kCount, typename Store>
Status choose(const Given& given, const std::array<std::string_view, kCount>& words, Store store) {
  std::string known;
  for (std::size_t i = 0; i < kCount; ++i) {
    if (words[i] == *given.value) {
      store(i);
      return {};
    }
    known += cat(i == 0 ? "" : ", ", words[i]);
  }
  return Error(cat("read ", given.typed), cat("'", *given.value, "' is none of ", known));
}

Status set_proc(Draft& draft, const Given& given) {
  const auto mode = read_proc_mode(*given.value);
  if (!mode && *given.value != "none") {
    return Error(cat("read ", given.typed), cat("'", *given.value, "' is none of auto, new, pids, host, none"));
  }
  draft.proc = mode;
  return {};
}

Status set_tty(Draft& draft, const Given& given) {
  using enum TerminalMode;
  static constexpr std::array<std::string_view, 5> kWords = {"always", "auto", "never", "true", "false"};
  static constexpr std::array<TerminalMode, 5> kModes = {kAlways, kAuto, kNever, kAlways, kNever};
  draft.request.spec.command.terminal = kAlways;
  if (!given.value) return {};
  return choose(given, kWords, [&](std::size_t i) { draft.request.spec.command.terminal = kModes.at(i); });
}

Status set_report(Draft& draft, const Given& given) {
  const auto fd = read_fd(*given.value);
  if (!fd) return Error(cat("read ", given.typed), cat("'", *given.value, "' is no number of a descriptor"));
  return put(draft.request.spec.report_fd, *fd);
}

Status set_umask(Draft& draft, const Given& given) {
  const auto mask = read_octal(*given.value, 0777);
  if (!mask) return Error(cat("read ", given.typed), cat("'", *given.value, "' is no mask in octal (022)"));
  return put(draft.request.spec.command.umask, static_cast<std::uint32_t>(*mask));
}

Status set_userns(Draft& draft, const Given& given) {
  Result<Ids> ids = read_userns(*given.value, given.typed);
  if (!ids) return ids.error();
  draft.userns_given = true;
  return put(draft.request.spec.ids, *std::move(ids));
}

Status set_user(Draft& draft, const Given& given) {
  Result<User> user = read_user(*given.value, given.typed);
  if (!user) return user.error();
  draft.user_given = true;
  return put(draft.request.spec.command.user, *std::move(user));
}

Status set_overlay(Draft& draft, const Given& given) {
  Overlay& overlay = overlay_of(draft, given);
  if (given.value) overlay.kept = given.value;
  return {};
}

Status set_here(Draft& draft, const Given& given) {
  draft.request.spec.here_origin = {given.typed};
  return put(draft.request.spec.here, given.is_on);
}

// A word that must not be empty: an empty one would mean "nothing asked for" further on.
Status set_name(std::string& slot, const Given& given) {
  if (given.value->empty()) return Error(cat("read ", given.typed), "the value is empty");
  return put(slot, *given.value);
}

struct Row {
  FlagInfo info;
  Apply apply;
};

constexpr std::string_view kRoot = "Root file system";
constexpr std::string_view kMounts = "Mounts (in the order given, after kelp's own)";
constexpr std::string_view kIsolation = "Namespaces and ids";
constexpr std::string_view kRights = "Rights";
constexpr std::string_view kProcess = "Process";
constexpr std::string_view kEnvironment = "Environment";
constexpr std::string_view kNames = "Names and addresses";
constexpr std::string_view kOutput = "What kelp says";

using enum Takes;
using D = Draft;
using G = Given;

constexpr std::array kRows = std::to_array<Row>({
    {{.name = "read-only", .group = kRoot, .help = "nothing in ROOT can be changed; /tmp, /var/tmp and /run are tmpfs"},
     [](D& d, const G& g) { return put(d.request.spec.root.read_only, g.is_on); }},
    {{.name = "overlay", .takes = kOptionalValue, .value = "DIR", .group = kRoot,
      .help = "writes go into a layer above ROOT, thrown away at the end or kept in DIR"},
     set_overlay},
    {{.name = "overlay-src", .takes = kValue, .value = "DIR", .group = kRoot,
      .help = "another lower directory above ROOT, the last one on top (implies --overlay)"},
     [](D& d, const G& g) { return overlay_of(d, g).lowers.push_back(*g.value), Status(); }},
    {{.name = "here", .group = kRoot,
      .help = "share the working directory read-write at its own path, and start there"},
     set_here},

    {{.letter = 'v', .name = "volume", .takes = kValue, .value = "SRC:DST[:OPTIONS]", .group = kMounts,
      .help = "bind SRC of the host on DST; OPTIONS: ro rw exec noexec dev suid create nofollow try"},
     mount<read_volume>},
    {{.name = "mount", .takes = kValue, .value = "type=TYPE,KEY=VALUE...", .group = kMounts,
      .help = "the same and other types: bind, tmpfs, proc, sysfs, cgroup, dev; keys: src dst ro size mode"},
     mount<read_mount>},
    {{.name = "tmpfs", .takes = kValue, .value = "DST[:OPTIONS]", .group = kMounts,
      .help = "an empty tmpfs; OPTIONS: size=64m mode=1777 ro rw exec noexec"},
     mount<read_tmpfs>},
    {{.name = "hide", .takes = kValue, .value = "PATH", .group = kMounts,
      .help = "what is at PATH looks empty and cannot be changed; absent is fine"},
     [](D& d, const G& g) { return mount_plain(d, g, Hide{.path = *g.value}); }},
    {{.name = "file", .takes = kValue, .value = "FD:DST", .group = kMounts,
      .help = "a read-only file with what descriptor FD yields"},
     mount<read_file>},
    {{.name = "symlink", .takes = kValue, .value = "TARGET:DST", .group = kMounts,
      .help = "a symbolic link at DST with the text TARGET"},
     mount<read_symlink>},
    {{.name = "dir", .takes = kValue, .value = "DST", .group = kMounts, .help = "an empty directory, where it is missing"},
     [](D& d, const G& g) { return mount_plain(d, g, Directory{.to = *g.value}); }},
    {{.name = "proc", .takes = kValue, .value = "MODE", .group = kMounts,
      .help = "/proc: auto (default), new, pids (processes only), host (the outer one), none"},
     set_proc},
    {{.name = "sys", .takes = kValue, .value = "auto|none", .group = kMounts, .help = "/sys, read-only (default: auto)"},
     [](D& d, const G& g) {
       return choose(g, std::to_array<std::string_view>({"none", "auto"}), [&](std::size_t i) { d.sys = i != 0; });
     }},
    {{.name = "dev", .takes = kValue, .value = "auto|none", .group = kMounts, .help = "a small /dev (default: auto)"},
     [](D& d, const G& g) {
       return choose(g, std::to_array<std::string_view>({"none", "auto"}), [&](std::size_t i) { d.dev = i != 0; });
     }},
    {{.name = "propagation", .takes = kValue, .value = "private|slave|shared", .group = kMounts,
      .help = "whether later mounts arrive from the host, or leave to it too (default: private)"},
     [](D& d, const G& g) {
       using enum MountPropagation;
       static constexpr std::array<MountPropagation, 3> kKinds = {kPrivate, kSlave, kShared};
       return choose(g, std::to_array<std::string_view>({"private", "slave", "shared"}),
                     [&](std::size_t i) { d.request.spec.propagation = kKinds.at(i); });
     }},

    {{.name = "network", .takes = kValue, .value = "host|none", .group = kIsolation,
      .help = "the host's network (default), or loopback only"},
     apply_network},
    {{.name = "net", .takes = kValue, .value = "host|none", .group = kIsolation, .help = "the same as --network"},
     apply_network},
    {{.name = "unshare", .takes = kValue, .value = "LIST", .group = kIsolation,
      .help = "new namespaces besides the defaults: pid ipc uts cgroup network time"},
     [](D& d, const G& g) { return apply_namespaces(d, g, Wanted::kNew); }},
    {{.name = "share", .takes = kValue, .value = "LIST", .group = kIsolation,
      .help = "namespaces to share with the host: pid ipc uts cgroup network"},
     [](D& d, const G& g) { return apply_namespaces(d, g, Wanted::kShared); }},
    {{.name = "bare", .group = kIsolation,
      .help = "new user and mount namespaces only, no mounts but ROOT, no reaper; add what is needed"},
     [](D& d, const G& g) { return put(d.is_bare, g.is_on); }},
    {{.name = "time-offset", .takes = kValue, .value = "CLOCK=SECONDS,...", .group = kIsolation,
      .help = "shift the clocks monotonic and boottime, in a time namespace"},
     apply_time_offset},
    {{.name = "userns", .takes = kValue, .value = "MODE|MAP", .group = kIsolation,
      .help = "ids: auto (default), single, keep-id, or INSIDE:HOST:COUNT,... (u or g before INSIDE: only those)"},
     set_userns},
    {{.letter = 'u', .name = "user", .takes = kValue, .value = "USER[:GROUP]", .group = kIsolation,
      .help = "run as this user of ROOT (default: root; with ROOT host: yourself)"},
     set_user},
    {{.name = "keep-groups", .group = kIsolation, .help = "keep your supplementary groups"},
     [](D& d, const G& g) { return put(d.request.spec.command.groups, g.is_on ? Groups::kKeep : Groups::kOfUser); }},

    {{.name = "cap-add", .takes = kValue, .value = "LIST", .group = kRights, .help = "more capabilities, or all"},
     [](D& d, const G& g) { return apply_capabilities(g, d.added); }},
    {{.name = "cap-drop", .takes = kValue, .value = "LIST", .group = kRights, .help = "fewer capabilities, or all"},
     [](D& d, const G& g) { return apply_capabilities(g, d.dropped); }},
    {{.name = "new-privileges", .group = kRights, .help = "let setuid programs gain rights (ids of the map only)"},
     [](D& d, const G& g) { return put(d.request.spec.command.new_privileges, g.is_on); }},
    {{.name = "new-session", .group = kRights, .help = "run in a new session (default)"},
     [](D& d, const G& g) { return put(d.request.spec.command.new_session, g.is_on); }},

    {{.letter = 't', .name = "tty", .takes = kOptionalValue, .value = "auto|always|never", .group = kProcess,
      .help = "a terminal of the container's own (default: auto; without a value: always)"},
     set_tty},
    {{.letter = 'i', .name = "interactive", .group = kProcess, .help = "accepted: stdin is always connected"},
     [](D&, const G&) { return Status(); }},
    {{.name = "rm", .group = kProcess, .help = "accepted: nothing is kept anyway"},
     [](D&, const G&) { return Status(); }},
    {{.name = "init", .group = kProcess, .help = "a reaper is PID 1 (default)"},
     [](D& d, const G& g) { return put(d.init, Said<bool>{g.is_on, g.typed}); }},
    {{.name = "no-init", .group = kProcess, .help = "the command itself is PID 1"},
     [](D& d, const G& g) { return put(d.init, Said<bool>{!g.is_on, g.typed}); }},
    {{.name = "entrypoint", .takes = kValue, .value = "PROGRAM", .group = kProcess, .help = "a program before COMMAND"},
     [](D& d, const G& g) { return put(d.entrypoint, *g.value); }},
    {{.letter = 'w', .name = "workdir", .takes = kValue, .value = "DIR", .group = kProcess,
      .help = "start in this directory of the container"},
     [](D& d, const G& g) { return put(d.request.spec.command.directory, *g.value); }},
    {{.name = "timeout", .takes = kValue, .value = "TIME", .group = kProcess,
      .help = "end it after 90 (seconds), 1.5s, 10m: TERM, KILL 10 s later, status 124"},
     apply_timeout},
    {{.name = "die-with-parent", .group = kProcess, .help = "everything ends when kelp ends (default)"},
     [](D& d, const G& g) { return put(d.request.spec.command.die_with_parent, g.is_on); }},
    {{.name = "preserve-fd", .takes = kValue, .value = "LIST", .group = kProcess,
      .help = "descriptors that the command gets besides 0, 1 and 2: 3,5-7"},
     apply_fds},
    {{.name = "ulimit", .takes = kValue, .value = "NAME=SOFT[:HARD]", .group = kProcess,
      .help = "a resource limit, a number or unlimited: nofile=1024:4096"},
     apply_limit},
    {{.name = "umask", .takes = kValue, .value = "OCTAL", .group = kProcess, .help = "the file mode creation mask"},
     set_umask},

    {{.letter = 'e', .name = "env", .takes = kValue, .value = "NAME[=VALUE]", .group = kEnvironment,
      .help = "set a variable; NAME passes yours, 'NAME*' all that begin so"},
     [](D& d, const G& g) { return add_variable(*g.value, d.around, g.typed, d.env_of_flags); }},
    {{.name = "env-file", .takes = kValue, .value = "FILE", .group = kEnvironment, .help = "the same, one a line"},
     apply_env_file},
    {{.name = "clear-env", .group = kEnvironment, .help = "not even kelp's own variables"},
     [](D& d, const G& g) { return put(d.clear_env, g.is_on); }},

    {{.name = "hostname", .takes = kValue, .value = "NAME", .group = kNames, .help = "the name of the container"},
     [](D& d, const G& g) { return set_name(d.request.spec.hostname, g); }},
    {{.name = "domainname", .takes = kValue, .value = "NAME", .group = kNames, .help = "its NIS domain name"},
     [](D& d, const G& g) { return set_name(d.request.spec.domainname, g); }},
    {{.name = "dns", .takes = kValue, .value = "ADDRESS|none", .group = kNames,
      .help = "a name server instead of the host's; none leaves ROOT's own file"},
     apply_dns},
    {{.name = "add-host", .takes = kValue, .value = "NAME:ADDRESS", .group = kNames, .help = "a line for /etc/hosts"},
     apply_add_host},
    {{.name = "no-hosts", .group = kNames, .help = "leave ROOT's own /etc/hosts"},
     [](D& d, const G& g) { return put(d.no_hosts, g.is_on); }},

    {{.name = "explain", .group = kOutput, .help = "print every step on stderr, then start"},
     [](D& d, const G& g) { return put(d.request.explain, g.is_on); }},
    {{.name = "dry-run", .group = kOutput, .help = "print every step on stdout, start nothing"},
     [](D& d, const G& g) { return put(d.request.dry_run, g.is_on); }},
    {{.name = "json", .group = kOutput, .help = "the steps of --explain or --dry-run as JSON"},
     [](D& d, const G& g) { return put(d.request.json, g.is_on); }},
    {{.name = "report", .takes = kValue, .value = "FD", .group = kOutput,
      .help = "write one line of JSON about the end to this descriptor"},
     set_report},
    {{.name = "log-format", .takes = kValue, .value = "text|json", .group = kOutput, .help = "how kelp's errors look"},
     [](D& d, const G& g) {
       return choose(g, std::to_array<std::string_view>({"text", "json"}),
                     [&](std::size_t i) { d.request.log_format = i == 0 ? LogFormat::kText : LogFormat::kJson; });
     }},
    {{.name = "help", .group = kOutput, .help = "print this and stop"},
     [](D& d, const G& g) { return put(d.request.help, g.is_on); }},
});

constexpr auto kInfos = [] {
  std::array<FlagInfo, kRows.size()> infos;
  for (std::size_t i = 0; i < kRows.size(); ++i) infos[i] = kRows[i].info;
  return infos;
}();

}  // namespace

std::span<const FlagInfo> run_flags() { return kInfos; }

Status apply(Draft& draft, const Given& given) { return kRows.at(given.row).apply(draft, given); }

}  // namespace kelp::cli
