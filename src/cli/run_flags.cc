// SPDX-License-Identifier: Apache-2.0
// The flags of `kelp run`: one row a flag, what it looks like and what it does. The order is that of --help.
// A new row also needs its lines in man/kelp-run.1 (the lint compares).
#include <array>
#include <utility>

#include "base/text.h"
#include "cli/draft.h"
#include "cli/environment.h"
#include "cli/mounts.h"

namespace kelp::cli {
namespace {

template <typename T, typename U>
Status put(T& slot, U&& value) {
  slot = std::forward<U>(value);
  return {};
}

template <Result<Mount> (*Read)(std::string_view, const std::string&)>
Status mount(Draft& draft, const Given& given) {
  Result<Mount> read = Read(*given.value, given.typed);
  if (!read) return read.error();
  draft.request.spec.mounts.push_back(*std::move(read));
  return {};
}

Status mount_plain(Draft& draft, const Given& given, MountKind what) {
  draft.request.spec.mounts.push_back({.what = std::move(what), .origin = {given.typed}});
  return {};
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
constexpr std::string_view kLimits = "Limits of the whole container (by a control group)";
constexpr std::string_view kEnvironment = "Environment";
constexpr std::string_view kNames = "Names and addresses";
constexpr std::string_view kProfiles = "Profiles";
constexpr std::string_view kOutput = "What kelp says";

using enum Takes;
using D = Draft;
using G = Given;

// Letter, name, value, group, help; then what it does.
constexpr std::array kRows = std::to_array<Row>({
    {{0, "read-only", kNothing, "", kRoot,
      "nothing in ROOT can be changed; /tmp, /var/tmp and /run are tmpfs"},
     [](D& d, const G& g) { return put(d.request.spec.root.read_only, g.is_on); }},
    {{0, "overlay", kOptionalValue, "DIR", kRoot,
      "writes go into a layer above ROOT, thrown away at the end or kept in DIR"},
     apply_overlay},
    {{0, "overlay-src", kValue, "DIR", kRoot,
      "another lower directory above ROOT, the last one on top (implies --overlay)"},
     apply_overlay_src},
    {{0, "here", kNothing, "", kRoot,
      "share the working directory read-write at its own path, and start there"},
     apply_here},

    {{'v', "volume", kValue, "SRC:DST[:OPTIONS]", kMounts,
      "bind SRC of the host on DST; OPTIONS: ro rw exec noexec dev suid create nofollow try"},
     mount<read_volume>},
    {{0, "mount", kValue, "type=TYPE,KEY=VALUE...", kMounts,
      "the same and other types: bind, tmpfs, proc, sysfs, cgroup, dev; keys: src dst ro size mode"},
     mount<read_mount>},
    {{0, "tmpfs", kValue, "DST[:OPTIONS]", kMounts,
      "an empty tmpfs; OPTIONS: size=64m mode=1777 ro rw exec noexec"},
     mount<read_tmpfs>},
    {{0, "device", kValue, "PATH[:INSIDE][:rwm]|VENDOR/CLASS=NAME", kMounts,
      "a device of the host, all in a directory, or one that a CDI file describes"},
     apply_device},
    {{0, "gpus", kValue, "all|NAME,...", kMounts,
      "GPUs, as CDI files describe them; without such files, all that are in /dev"},
     apply_gpus},
    {{0, "hide", kValue, "PATH", kMounts,
      "what is at PATH looks empty and cannot be changed; absent is fine"},
     [](D& d, const G& g) { return mount_plain(d, g, Hide{.path = *g.value}); }},
    {{0, "file", kValue, "FD:DST", kMounts, "a read-only file with what descriptor FD yields"},
     mount<read_file>},
    {{0, "symlink", kValue, "TARGET:DST", kMounts, "a symbolic link at DST with the text TARGET"},
     mount<read_symlink>},
    {{0, "dir", kValue, "DST", kMounts, "an empty directory, where it is missing"},
     [](D& d, const G& g) { return mount_plain(d, g, Directory{.to = *g.value}); }},
    {{0, "proc", kValue, "MODE", kMounts,
      "/proc: auto (default), new, pids (processes only), host (the outer one), none"},
     apply_proc},
    {{0, "sys", kValue, "auto|none", kMounts, "/sys, read-only (default: auto)"},
     [](D& d, const G& g) { return apply_auto(g, d.sys); }},
    {{0, "dev", kValue, "auto|none", kMounts, "a small /dev (default: auto)"},
     [](D& d, const G& g) { return apply_auto(g, d.dev); }},
    {{0, "propagation", kValue, "private|slave|shared", kMounts,
      "whether later mounts arrive from the host, or leave to it too (default: private)"},
     apply_propagation},

    {{0, "network", kValue, "MODE", kIsolation,
      "host (default), none (loopback only), pasta[:OPTIONS], slirp4netns, ns:PATH, container:NAME"},
     apply_network},
    {{0, "net", kValue, "MODE", kIsolation, "the same as --network"}, apply_network},
    {{'p', "publish", kValue, "[IP:]HOST:INSIDE[/udp]", kIsolation,
      "port HOST of the machine leads to port INSIDE of the container's own network"},
     apply_publish},
    {{0, "host-port", kValue, "PORT[/udp]", kIsolation,
      "this port of the host's loopback is the container's too, in its own network"},
     apply_host_port},
    {{0, "unshare", kValue, "LIST", kIsolation,
      "new namespaces besides the defaults: pid ipc uts cgroup network time"},
     [](D& d, const G& g) { return apply_namespaces(d, g, Wanted::kNew); }},
    {{0, "share", kValue, "LIST", kIsolation,
      "namespaces to share with the host: pid ipc uts cgroup network"},
     [](D& d, const G& g) { return apply_namespaces(d, g, Wanted::kShared); }},
    {{0, "bare", kNothing, "", kIsolation,
      "new user and mount namespaces only, no mounts but ROOT, no reaper; add what is needed"},
     [](D& d, const G& g) { return put(d.is_bare, g.is_on); }},
    {{0, "time-offset", kValue, "CLOCK=SECONDS,...", kIsolation,
      "shift the clocks monotonic and boottime, in a time namespace"},
     apply_time_offset},
    {{0, "userns", kValue, "MODE|MAP", kIsolation,
      "ids: auto (default), single, keep-id, or INSIDE:HOST:COUNT,... (u or g in front: users or groups "
      "only)"},
     apply_userns},
    {{'u', "user", kValue, "USER[:GROUP]", kIsolation,
      "run as this user of ROOT (default: root; with ROOT host: yourself)"},
     apply_user},
    {{0, "fake-root", kValue, "auto|simple|consistent|off", kIsolation,
      "chown, setuid and their like succeed and do nothing (auto: where root is the only id); consistent: "
      "stat "
      "agrees"},
     apply_fake_root},
    {{0, "keep-groups", kNothing, "", kIsolation, "keep your supplementary groups"},
     [](D& d,
        const G&
            g) { return put(d.request.spec.command.groups, g.is_on ? Groups::kKeep : Groups::kOfUser); }},

    {{0, "cap-add", kValue, "LIST", kRights, "more capabilities, or all"},
     [](D& d, const G& g) { return apply_capabilities(g, d.added); }},
    {{0, "cap-drop", kValue, "LIST", kRights, "fewer capabilities, or all"},
     [](D& d, const G& g) { return apply_capabilities(g, d.dropped); }},
    {{0, "new-privileges", kNothing, "", kRights, "let setuid programs gain rights (ids of the map only)"},
     [](D& d, const G& g) { return put(d.request.spec.command.new_privileges, g.is_on); }},
    {{0, "landlock", kOptionalValue, "files|scopes|none", kRights,
      "files as the mounts have them (mounts inside then fail), or scopes only (default)"},
     apply_landlock},
    {{0, "allow-connect", kValue, "PORT,...|none", kRights, "TCP connections to these ports only"},
     [](D& d, const G& g) { return apply_ports(g, d.request.spec.landlock.connect, 1); }},
    {{0, "allow-bind", kValue, "PORT,...|none", kRights, "TCP listeners on these ports only"},
     [](D& d, const G& g) { return apply_ports(g, d.request.spec.landlock.bind, 0); }},
    {{0, "require", kValue, "LIST", kRights,
      "refuse to start where one of these fences is not wholly enforced: pid,net,die-with-parent ..."},
     apply_require},
    {{0, "fallback", kOptionalValue, "RUNG", kRights,
      "where this place allows less, go down to outer-proc, chroot or landlock (default: as far as need be)"},
     apply_fallback},
    {{0, "seccomp", kValue, "LIST", kRights,
      "filters of system calls: default, none, FILE, fd:N, and @NAME for a set besides"},
     apply_seccomp},
    {{0, "seccomp-log", kNothing, "", kRights, "what the filters refuse is done, and logged by the kernel"},
     [](D& d, const G& g) {
       d.request.spec.seccomp.log_origin = {g.typed};
       return put(d.request.spec.seccomp.only_log, g.is_on);
     }},
    {{0, "new-session", kNothing, "", kRights, "run in a new session (default)"},
     [](D& d, const G& g) { return put(d.request.spec.command.new_session, g.is_on); }},

    {{'t', "tty", kOptionalValue, "auto|always|never", kProcess,
      "a terminal of the container's own (default: auto; without a value: always)"},
     apply_tty},
    {{'i', "interactive", kNothing, "", kProcess, "accepted: stdin is always connected"},
     [](D&, const G&) { return Status(); }},
    {{'d', "detach", kNothing, "", kProcess,
      "print the container's name and let it run on; kelp ps, exec, logs and stop find it"},
     [](D& d, const G& g) { return put(d.request.detach, g.is_on); }},
    {{0, "name", kValue, "NAME", kProcess, "its name, by which kelp exec and others find it"},
     apply_container_name},
    {{0, "rm", kNothing, "", kProcess, "with a name: nothing is remembered of it once it has ended"},
     [](D& d, const G& g) { return put(d.request.remove, g.is_on); }},
    {{0, "init", kOptionalValue, "auto|enterable", kProcess,
      "a reaper is PID 1 (default); enterable: one that nsenter and debuggers can enter"},
     apply_init},
    {{0, "no-init", kNothing, "", kProcess, "the command itself is PID 1"}, apply_no_init},
    {{0, "entrypoint", kValue, "PROGRAM", kProcess, "a program before COMMAND"},
     [](D& d, const G& g) { return put(d.entrypoint, *g.value); }},
    {{'w', "workdir", kValue, "DIR", kProcess, "start in this directory of the container"},
     [](D& d, const G& g) { return put(d.request.spec.command.directory, *g.value); }},
    {{0, "timeout", kValue, "TIME", kProcess,
      "end it after 90 (seconds), 1.5s, 10m: TERM, KILL 10 s later, status 124"},
     apply_timeout},
    {{0, "die-with-parent", kNothing, "", kProcess, "everything ends when kelp ends (default)"},
     [](D& d, const G& g) { return put(d.request.spec.command.die_with_parent, g.is_on); }},
    {{0, "preserve-fd", kValue, "LIST", kProcess,
      "descriptors that the command gets besides 0, 1 and 2: 3,5-7"},
     apply_fds},
    {{0, "ulimit", kValue, "NAME=SOFT[:HARD]", kProcess,
      "a resource limit, a number or unlimited: nofile=1024:4096"},
     apply_limit},
    {{0, "umask", kValue, "OCTAL", kProcess, "the file mode creation mask"}, apply_umask},

    {{'m', "memory", kValue, "SIZE", kLimits,
      "memory, with what its files in tmpfs and caches take: 512m, 1g"},
     [](D& d, const G& g) { return apply_memory(g, d.request.spec.resources.memory); }},
    {{0, "memory-swap", kValue, "SIZE|-1", kLimits,
      "memory and swap together (default: twice the memory; -1: no limit of swap)"},
     apply_memory_swap},
    {{0, "cpus", kValue, "NUMBER", kLimits, "CPU time as of so many CPUs: 1.5"}, apply_cpus},
    {{0, "cpu-weight", kValue, "1-10000", kLimits, "its share of busy CPUs; others have 100"},
     [](D& d, const G& g) { return apply_count(g, d.request.spec.resources.cpu_weight); }},
    {{0, "pids-limit", kValue, "NUMBER|-1", kLimits, "processes and threads, kelp's PID 1 among them"},
     apply_pids},
    {{0, "io-weight", kValue, "1-10000", kLimits, "its share of busy disks; others have 100"},
     [](D& d, const G& g) { return apply_count(g, d.request.spec.resources.io_weight); }},
    {{0, "cgroup-parent", kValue, "PATH|NAME.slice", kLimits,
      "the cgroup, or the slice of your systemd, to make the container's in"},
     apply_cgroup_parent},
    {{0, "limits", kValue, "strict|best-effort", kLimits,
      "without a cgroup: refuse (default), or limit each process as far as that goes"},
     apply_limits_mode},

    {{'e', "env", kValue, "NAME[=VALUE]", kEnvironment,
      "set a variable; NAME passes yours, 'NAME*' all that begin so"},
     [](D& d, const G& g) { return add_variable(*g.value, d.around, g.typed, d.env_of_flags); }},
    {{0, "env-file", kValue, "FILE", kEnvironment, "the same, one a line"}, apply_env_file},
    {{0, "clear-env", kNothing, "", kEnvironment, "not even kelp's own variables"},
     [](D& d, const G& g) { return put(d.clear_env, g.is_on); }},

    {{0, "hostname", kValue, "NAME", kNames, "the name of the container"},
     [](D& d, const G& g) { return apply_name(g, d.request.spec.hostname); }},
    {{0, "domainname", kValue, "NAME", kNames, "its NIS domain name"},
     [](D& d, const G& g) { return apply_name(g, d.request.spec.domainname); }},
    {{0, "dns", kValue, "ADDRESS|none", kNames,
      "a name server instead of the host's; none leaves ROOT's own file"},
     apply_dns},
    {{0, "add-host", kValue, "NAME:ADDRESS", kNames, "a line for /etc/hosts"}, apply_add_host},
    {{0, "no-hosts", kNothing, "", kNames, "leave ROOT's own /etc/hosts"},
     [](D& d, const G& g) { return put(d.no_hosts, g.is_on); }},

    {{0, "profile", kValue, "NAME|FILE", kProfiles,
      "flags from a file, one a line, in the place of this one"},
     [](D&, const G&) { return Status(); }},  // with_profiles() has put them there
    {{0, "explain", kNothing, "", kOutput, "print every step on stderr, then start"},
     [](D& d, const G& g) { return put(d.request.explain, g.is_on); }},
    {{0, "dry-run", kNothing, "", kOutput, "print every step on stdout, start nothing"},
     [](D& d, const G& g) { return put(d.request.dry_run, g.is_on); }},
    {{0, "json", kNothing, "", kOutput, "the steps of --explain or --dry-run as JSON"},
     [](D& d, const G& g) { return put(d.request.json, g.is_on); }},
    {{0, "report", kValue, "FD", kOutput, "write one line of JSON about the end to this descriptor"},
     apply_report},
    {{0, "log-format", kValue, "text|json", kOutput, "how kelp's errors look"}, apply_log_format},
    {{0, "help", kNothing, "", kOutput, "print this and stop"},
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
