// SPDX-License-Identifier: Apache-2.0
// config.json as a whole, and what of it fits no other section; see config.h.
#include "oci/config.h"

#include <utility>

#include "base/text.h"
#include "formats/json_reader.h"
#include "formats/seccomp_object.h"
#include "oci/process.h"
#include "oci/sections.h"
#include "oci/state.h"

namespace kelp::oci {
namespace {

constexpr std::string_view kDocument = "config.json";

// Within a major version the specification is compatible both ways, as far as unknown properties go
// (config.md, "Specification version").
void read_version(const Section& top, Draft& draft) {
  draft.config.version = top.needed_text("ociVersion");
  if (draft.config.version.empty() || draft.config.version.starts_with("1.")) return;
  top.refuse("ociVersion", cat("'", draft.config.version, "' is none of 1.x"));
}

void read_names(const Section& top, Draft& draft) {
  Spec& spec = draft.config.spec;
  spec.hostname = top.text("hostname").value_or("");
  spec.domainname = top.text("domainname").value_or("");
  spec.origins.hostname = {"hostname"};
  spec.origins.domainname = {"domainname"};
}

void read_propagation(const Section& linux, Draft& draft) {
  const std::optional<std::string> word = linux.text("rootfsPropagation");
  if (!word || word->empty()) return;
  // Runtimes take it with the r that the specification leaves out, too: only then it is of the mounts in the
  // root as well.
  const bool is_recursive = word->starts_with('r');
  const std::string_view name = std::string_view(*word).substr(is_recursive ? 1 : 0);
  draft.config.spec.shares_root_alone = !is_recursive;
  MountPropagation& into = draft.config.spec.propagation;
  if (name == "private") {
    into = MountPropagation::kPrivate;
  } else if (name == "slave") {
    into = MountPropagation::kSlave;
  } else if (name == "shared") {
    into = MountPropagation::kShared;
  } else if (name == "unbindable") {
    into = MountPropagation::kUnbindable;
  } else {
    linux.refuse("rootfsPropagation", cat("'", *word, "' is none of shared, slave, private and unbindable"));
  }
}

void trim_rights(Draft& draft) {
  Command& command = draft.config.spec.command;
  if (!command.capabilities.sets) return;
  const Spec& spec = draft.config.spec;
  const bool keeps_own = std::holds_alternative<OwnIds>(spec.ids.map) && !joins(spec, Namespace::kUser);
  trim_capabilities(*command.capabilities.sets,
                    keeps_own ? draft.around.own_capabilities : all_capabilities(), draft.config.warnings);
}

// Other runtimes make the working directory where it is missing. One with ".." is whatever links make of it.
void add_directory(Draft& draft) {
  const std::string path = plain_path(draft.config.spec.command.directory.value_or("/"));
  if (path == "/" || path.ends_with("/..") || path.find("/../") != std::string::npos) return;
  draft.config.spec.mounts.push_back({.what = Directory{.to = path}, .origin = {"process.cwd"}});
}

void add_state(Draft& draft) {
  Hooks& hooks = draft.config.spec.hooks;
  const State state{.version = std::string(kVersion),
                    .id = draft.around.id,
                    .status = "creating",
                    .bundle = draft.around.bundle,
                    .annotations = draft.config.annotations};
  const StateText text = state_around_pid(state);
  hooks.state_before_pid = text.before;
  hooks.state_after_pid = text.after;
  std::optional<SeccompListener>& listener = draft.config.spec.seccomp.listener;
  if (listener) listener->document = process_state_around_pid(state, listener->metadata);
}

void read_all(const Section& top, Draft& draft) {
  const Section linux = top.object("linux");
  read_version(top, draft);
  read_root(top, draft);
  read_annotations(top, draft);
  read_names(top, draft);
  read_process(top, draft);
  read_namespaces(linux, draft);
  read_mounts(top, draft);
  add_directory(draft);
  read_devices(linux, draft);
  read_paths(linux, draft);
  read_propagation(linux, draft);
  read_seccomp(linux, draft);
  read_cgroup(linux, draft);
  read_resources(linux, draft);
  read_hooks(top, draft);
  read_kernel(linux, draft);
  read_labels(linux, draft);
  read_known_annotations(draft);
  trim_rights(draft);
  draft.config.spec.stays = draft.around.stays;
}

}  // namespace

void read_seccomp(const Section& linux, Draft& draft) {
  const Json* object = linux.value("seccomp");
  if (object == nullptr) return;
  const JsonPlace at = linux.place().member("seccomp");
  Result<SeccompProfile> profile = formats::seccomp_profile_of(*object, at);
  if (!profile) return linux.note(std::move(profile.error()));
  if (!profile->listener_path.empty()) {
    draft.config.spec.seccomp.listener = SeccompListener{.path = profile->listener_path,
                                                         .metadata = profile->listener_metadata,
                                                         .document = {},
                                                         .origin = {at.member("listenerPath").path}};
  }
  draft.config.spec.seccomp.filters.push_back({.what = *std::move(profile), .origin = {at.path}});
}

Result<Config> read_config(std::string_view text, const Surroundings& around) {
  const Result<Json> json = formats::parse_json(text, kDocument);
  if (!json) return json.error();
  Problems problems;
  const Section top(*json, {.document = kDocument}, problems);
  Draft draft{.around = around};
  if (top) read_all(top, draft);
  if (!problems.empty()) return Error::all_of(std::move(problems));
  add_state(draft);
  return std::move(draft.config);
}

}  // namespace kelp::oci
