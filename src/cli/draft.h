// SPDX-License-Identifier: Apache-2.0
// A RunRequest on its way: what the flags have said so far, where that is not simply a field of the Spec.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/cdi.h"
#include "cli/defaults.h"
#include "cli/flags.h"
#include "cli/run.h"

namespace kelp::cli {

// An answer and the flag that gave it.
template <typename T>
struct Said {
  T value;
  std::string typed;
};

struct Draft {
  const Surroundings& around;
  std::span<const Given> given;  // all flags, in order
  RunRequest request;            // request.spec begins as the defaults, without their mounts
  bool is_bare = false;

  // Mounts that kelp makes by itself. Optional in optional: not asked, or asked for none.
  std::optional<std::optional<ProcMode>> proc;
  std::optional<bool> sys, dev;
  std::optional<std::string> here;  // --here, as typed

  std::optional<Said<bool>> own_network;  // --network: the last one counts
  struct Joined {
    ContainerNetwork network;
    std::string typed;
  };
  std::optional<Joined> joined;  // --network=container:NAME
  std::vector<Said<Namespace>> unshared, shared;
  bool userns_given = false, user_given = false;
  std::optional<Said<Pid1>> pid1;  // --init, --no-init

  std::vector<Said<CapabilityMask>> added, dropped;

  std::optional<Said<std::string>> filter;  // instead of the default one: none, default, FILE or fd:N
  std::vector<Filter> filter_sets;          // @NAME
  std::vector<GivenBack> given_back;        // @NAME, of what the default filter refuses

  CdiDevices cdi{around};

  std::vector<std::string> env_of_files, env_of_flags;  // flags win, whatever the order
  bool clear_env = false;

  std::optional<Said<std::string>> dns_none;
  std::vector<Said<std::string>> dns;  // addresses
  std::string host_lines;              // for /etc/hosts
  bool no_hosts = false;

  std::optional<Said<std::string>> landlock;  // files, scopes, none

  std::string entrypoint;
};

// A row of the table of flags: what it looks like is in run_flags(), what it does is here.
using Apply = Status (*)(Draft&, const Given&);

// Applies one flag of run_flags().
Status apply(Draft& draft, const Given& given);

// What was typed of these flags.
Origin origin_of(const Draft& draft, std::initializer_list<std::string_view> names);

// ROOT (run_root.cc), once all flags are known: one of them may have taken it for its value.
Status read_root(const std::string& text, Draft& draft);
Error root_is_missing(const Draft& draft);

// Makes the Spec whole once all flags are applied: the defaults' mounts, rights, environment, network files.
Status finish(Draft& draft);

// What the rows do, by subject (run_words.cc, run_isolation.cc, run_fences.cc, run_process.cc, run_limits.cc,
// run_network.cc, run_ports.cc, run_devices.cc).
enum class Wanted { kNew, kShared };
Status apply_namespaces(Draft& draft, const Given& given, Wanted wanted);
Status apply_time_offset(Draft& draft, const Given& given);
Status apply_capabilities(const Given& given, std::vector<Said<CapabilityMask>>& list);
Status apply_seccomp(Draft& draft, const Given& given);
Status finish_seccomp(Draft& draft);  // after the capabilities, which conditions of profiles ask for
Status apply_fake_root(Draft& draft, const Given& given);
Status apply_timeout(Draft& draft, const Given& given);
Status apply_fds(Draft& draft, const Given& given);
Status apply_limit(Draft& draft, const Given& given);
Status apply_memory(const Given& given, std::optional<Limit>& slot);
Status apply_memory_swap(Draft& draft, const Given& given);
Status apply_cpus(Draft& draft, const Given& given);
Status apply_count(const Given& given, std::optional<Limit>& slot);
Status apply_pids(Draft& draft, const Given& given);
Status apply_cgroup_parent(Draft& draft, const Given& given);
Status apply_limits_mode(Draft& draft, const Given& given);
Status apply_env_file(Draft& draft, const Given& given);
Status apply_network(Draft& draft, const Given& given);
Status apply_publish(Draft& draft, const Given& given);    // run_ports.cc
Status apply_host_port(Draft& draft, const Given& given);  // run_ports.cc
Status finish_network(Draft& draft);                       // of finish(): before the namespaces are known
Status apply_dns(Draft& draft, const Given& given);
Status apply_add_host(Draft& draft, const Given& given);
Status apply_overlay(Draft& draft, const Given& given);
Status apply_overlay_src(Draft& draft, const Given& given);
Status apply_here(Draft& draft, const Given& given);
Status apply_proc(Draft& draft, const Given& given);
Status apply_auto(const Given& given, std::optional<bool>& slot);  // auto or none
Status apply_propagation(Draft& draft, const Given& given);
Status apply_userns(Draft& draft, const Given& given);
Status apply_user(Draft& draft, const Given& given);
Status apply_tty(Draft& draft, const Given& given);
Status apply_init(Draft& draft, const Given& given);
Status apply_no_init(Draft& draft, const Given& given);
Status apply_umask(Draft& draft, const Given& given);
Status apply_report(Draft& draft, const Given& given);
Status apply_name(const Given& given, std::string& slot);
Status apply_container_name(Draft& draft, const Given& given);
Status apply_device(Draft& draft, const Given& given);
Status apply_gpus(Draft& draft, const Given& given);
Status apply_landlock(Draft& draft, const Given& given);
Status apply_ports(const Given& given, std::optional<Ports>& slot, std::uint16_t least);
Status check_bare(const Draft& draft);  // of finish(): once the namespaces are known (run_bare.cc)
Status finish_landlock(Draft& draft);   // of finish(): once the namespaces are known
Status apply_require(Draft& draft, const Given& given);
Status apply_fallback(Draft& draft, const Given& given);
void finish_waivers(Draft& draft);  // which flags have taken a fence away, once all else is known
Status apply_log_format(Draft& draft, const Given& given);

}  // namespace kelp::cli
