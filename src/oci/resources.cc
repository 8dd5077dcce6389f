// SPDX-License-Identifier: Apache-2.0
// linux.resources as a whole, and its smaller controllers; see resources.h.
#include "oci/resources.h"

#include <utility>

#include "base/text.h"
#include "formats/json_reader.h"
#include "oci/resource_files.h"
#include "oci/sections.h"

namespace kelp::oci {
namespace {

void read_pids(const Section& resources, CgroupSettings& into) {
  const Section pids = resources.object("pids");
  if (!pids) return;
  if (!pids.has("limit")) pids.refuse("limit", "it is missing");
  const std::int64_t limit = pids.integer("limit", INT64_MIN, INT64_MAX).value_or(0);
  // 0 is what engines write for none.
  if (limit == 0) return;
  add_file(into, pids, "limit", {.file = "pids.max", .value = limit < 0 ? "max" : std::to_string(limit)});
}

bool is_page_size(std::string_view text) {
  if (text.size() < 3 || !text.ends_with('B') || text.front() == '0') return false;
  const std::string_view number = text.substr(0, text.size() - 2);
  return std::string_view("KMG").find(text[text.size() - 2]) != std::string_view::npos &&
         read_decimal(number, UINT32_MAX).has_value();
}

// Of what is reserved, where the kernel counts that; else of what is in use.
void read_huge_pages(const Section& resources, CgroupSettings& into) {
  for (const Section& one : resources.objects("hugepageLimits")) {
    const std::string size = one.needed_text("pageSize");
    const std::string limit = std::to_string(one.needed_number("limit", UINT64_MAX));
    if (!size.empty() && !is_page_size(size))
      one.refuse("pageSize", cat("'", size, "' is not written as 64KB, 2MB or 1GB"));
    into.files.push_back({.file = cat("hugetlb.", size, ".rsvd.max"),
                          .value = limit,
                          .else_file = cat("hugetlb.", size, ".max"),
                          .else_value = limit,
                          .origin = {one.path()}});
  }
}

void read_rdma(const Section& resources, CgroupSettings& into) {
  resources.each_object("rdma", [&](const std::string& device, const Section& one) {
    std::string value = device;
    if (const auto handles = one.number("hcaHandles", UINT32_MAX)) value += cat(" hca_handle=", *handles);
    if (const auto objects = one.number("hcaObjects", UINT32_MAX)) value += cat(" hca_object=", *objects);
    if (!one.has("hcaHandles") && !one.has("hcaObjects"))
      one.refuse("it has neither hcaHandles nor hcaObjects");
    if (device.find_first_of(" \t\n") != std::string::npos) one.refuse("there is a blank in the name");
    into.files.push_back({.file = "rdma.max", .value = value, .origin = {one.path()}});
  });
}

void refuse_network(const Section& resources) {
  const Section network = resources.object("network");
  if (network.number("classID", UINT32_MAX).value_or(0) != 0)
    network.refuse("classID", "cgroup version 2 has no such setting");
  if (!network.objects("priorities").empty())
    network.refuse("priorities", "cgroup version 2 has no such setting");
}

// A file by its own name. Those that move processes into the cgroup are no settings of it.
std::string trouble_with_file(std::string_view name) {
  if (name.find('/') != std::string_view::npos) return "a file of the cgroup has no '/' in its name";
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == name.size())
    return "it is not named CONTROLLER.SETTING";
  if (name.find('\0') != std::string_view::npos) return "there is a zero byte in it";
  if (name == "cgroup.procs" || name == "cgroup.threads") return "it would move processes";
  return {};
}

// Written last, line by line: so the kernel takes several settings of one file.
void read_unified(const Section& resources, CgroupSettings& into) {
  const Section section = resources.object("unified");
  resources.each_text("unified", [&](const std::string& name, const std::string& value) {
    if (const std::string why = trouble_with_file(name); !why.empty()) return section.refuse(name, why);
    for (const std::string_view line : split(value, '\n')) {
      if (line.empty() && !value.empty()) continue;
      into.files.push_back({.file = name, .value = std::string(line), .origin = {section.path_of(name)}});
    }
  });
}

}  // namespace

CgroupSettings settings_of(const Section& resources) {
  CgroupSettings settings;
  if (!resources) return settings;
  read_memory(resources, settings);
  read_cpu(resources, settings);
  read_pids(resources, settings);
  read_block_io(resources, settings);
  read_huge_pages(resources, settings);
  read_rdma(resources, settings);
  refuse_network(resources);
  read_device_rules(resources, settings);
  read_unified(resources, settings);
  return settings;
}

void read_resources(const Section& linux, Draft& draft) {
  if (!draft.config.spec.managed_cgroup) return;
  ManagedCgroup& cgroup = *draft.config.spec.managed_cgroup;
  CgroupSettings settings = settings_of(linux.object("resources"));
  if (cgroup.manager == CgroupManager::kNone) return;
  cgroup.files = std::move(settings.files);
  cgroup.devices = std::move(settings.devices);
}

Result<CgroupSettings> read_resources_document(std::string_view text) {
  constexpr std::string_view kDocument = "the resources";
  const Result<Json> json = formats::parse_json(text, kDocument);
  if (!json) return json.error();
  Problems problems;
  CgroupSettings settings = settings_of(Section(*json, {.document = kDocument}, problems));
  if (!problems.empty()) return Error::all_of(std::move(problems));
  return settings;
}

}  // namespace kelp::oci
