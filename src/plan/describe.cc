// SPDX-License-Identifier: Apache-2.0
// A Plan in words; see describe.h. The steps of the child have a file of their own.
#include "plan/describe.h"

#include "base/text.h"
#include "plan/describe_step.h"

namespace kelp::plan {
namespace {

std::string map_text(const IdMap& map) {
  std::string out;
  for (const IdRange& range : map) {
    if (!out.empty()) out += ',';
    out += cat(range.inside, ":", range.host, ":", range.count);
  }
  return out;
}

std::string cgroup_text(const ContainerCgroup& cgroup) {
  std::string place = cgroup.parent;
  if (cgroup.scope) {
    place = cgroup.scope->slice.empty() ? "a new scope of systemd"
                                        : cat("a new scope of systemd in ", cgroup.scope->slice);
  }
  std::string settings;
  for (const CgroupSetting& setting : cgroup.settings) {
    settings += cat(settings.empty() ? " with " : ", ", setting.file, " ", setting.value);
  }
  return cat("make a cgroup in ", place, settings, ", for the container alone",
             cgroup.moves_kelp ? "; kelp itself moves to another one there" : "");
}

std::string owners_text(const OwnersFile& file) {
  return cat(file.is_written ? "keep" : "read", " owners of links, FIFOs and sockets in a file beside ",
             file.root);
}

std::string network_text(const NetworkHelper& network) {
  std::string words;
  for (std::size_t i = 1; i < network.argv.size(); ++i) words += cat(' ', network.argv[i]);
  return cat("connect its network with ", network.program, words);
}

std::string namespaces_text(const NamespaceSet& set) {
  std::string out;
  for (const NamespaceInfo& info : all_namespaces()) {
    if (set.has(info.kind)) out += cat(" ", info.name);
  }
  return out;
}

std::span<const Source> sources_of(const Plan& plan) {
  for (const Step& step : plan.child) {
    if (const auto* open = std::get_if<OpenSources>(&step.what)) return open->sources;
  }
  return {};
}

std::string_view writer_text(MapWriter writer) {
  switch (writer) {
    case MapWriter::kParent: return "by kelp itself";
    case MapWriter::kHelpers: return "with newuidmap and newgidmap";
    case MapWriter::kOthers: return "by somebody else";
    case MapWriter::kNobody: return "as they are";
  }
  return {};
}

}  // namespace

std::vector<Sentence> describe(const Plan& plan) {
  const auto origin = [](const Origin& from) {
    return from.text.empty() ? std::string("default") : from.text;
  };
  std::vector<Sentence> out;
  if (plan.cgroup) out.push_back({cgroup_text(*plan.cgroup), origin(plan.cgroup->origin)});
  if (plan.owners_file) out.push_back({owners_text(*plan.owners_file), origin(plan.owners_file->origin)});
  if (plan.joined_network) {
    out.push_back(
        {cat("join the network namespace ", plan.joined_network->path), origin(plan.joined_network->origin)});
  }
  for (const JoinedNamespace& joined : plan.joined)
    out.push_back(
        {cat("join the ", namespace_name(joined.kind), " namespace ", joined.path), origin(joined.origin)});
  if (plan.entered) {
    out.push_back({"enter a container, with its ids", origin(plan.namespaces_origin)});
  } else if (plan.is_without_namespaces) {
    out.push_back({"no new namespaces, and ids as they are", origin(plan.namespaces_origin)});
  } else {
    out.push_back(
        {cat("new namespaces:", namespaces_text(plan.new_namespaces)), origin(plan.namespaces_origin)});
    out.push_back({cat("map users ", map_text(plan.ids.users), " and groups ", map_text(plan.ids.groups),
                       " (inside:host:count), ", writer_text(plan.ids.writer), ": ", plan.ids.why),
                   origin(plan.ids.origin)});
  }
  if (plan.network) out.push_back({network_text(*plan.network), origin(plan.network->origin)});
  const std::span<const Source> sources = sources_of(plan);
  for (const Step& step : plan.child) {
    const auto* execute = std::get_if<Execute>(&step.what);
    const bool is_named = execute != nullptr && !execute->argv.empty();
    out.push_back({step_text(step.what, sources), is_named ? "COMMAND" : origin(step.origin)});
  }
  if (plan.timeout_ms)
    out.push_back(
        {cat("after ", *plan.timeout_ms, " ms: TERM, 10 s later KILL"), origin(plan.timeout_origin)});
  return out;
}

}  // namespace kelp::plan
