// SPDX-License-Identifier: Apache-2.0
// The features document; see documents.h. It lists what read_config() knows, whatever this machine allows.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "base/text.h"
#include "oci/config.h"
#include "oci/documents.h"
#include "oci/mount_options.h"
#include "spec/capabilities.h"

namespace kelp::oci {
namespace {

using Document = nlohmann::ordered_json;
using Words = std::vector<std::string_view>;

std::vector<std::string> capability_words() {
  std::vector<std::string> words;
  for (unsigned bit = 0; (all_capabilities() >> bit) != 0; ++bit) {
    std::string name = cat("CAP_", capability_names(CapabilityMask{1} << bit));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    words.push_back(std::move(name));
  }
  return words;
}

Document seccomp(bool is_there) {
  const Words flags = {"SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
                       "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
  Document document = {{"enabled", is_there}};
  document["actions"] = Words{"SCMP_ACT_ALLOW",        "SCMP_ACT_ERRNO",       "SCMP_ACT_KILL",
                              "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG",
                              "SCMP_ACT_NOTIFY",       "SCMP_ACT_TRACE",       "SCMP_ACT_TRAP"};
  document["operators"] = Words{"SCMP_CMP_EQ", "SCMP_CMP_GE",        "SCMP_CMP_GT", "SCMP_CMP_LE",
                                "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE"};
  document["archs"] =
      Words{"SCMP_ARCH_AARCH64",  "SCMP_ARCH_ARM",         "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K",
            "SCMP_ARCH_MIPS",     "SCMP_ARCH_MIPS64",      "SCMP_ARCH_MIPS64N32",   "SCMP_ARCH_MIPSEL",
            "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PARISC",      "SCMP_ARCH_PARISC64",
            "SCMP_ARCH_PPC",      "SCMP_ARCH_PPC64",       "SCMP_ARCH_PPC64LE",     "SCMP_ARCH_RISCV64",
            "SCMP_ARCH_S390",     "SCMP_ARCH_S390X",       "SCMP_ARCH_SH",          "SCMP_ARCH_SHEB",
            "SCMP_ARCH_X32",      "SCMP_ARCH_X86",         "SCMP_ARCH_X86_64"};
  document["knownFlags"] = flags;
  document["supportedFlags"] = flags;
  return document;
}

Document linux_part(const FeaturesFacts& facts) {
  Document document;
  document["namespaces"] = Words{"cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"};
  document["capabilities"] = capability_words();
  document["cgroup"] = {{"v1", false},
                        {"v2", true},
                        {"systemd", facts.has_systemd},
                        {"systemdUser", facts.has_systemd},
                        {"rdma", true}};
  document["seccomp"] = seccomp(facts.has_seccomp);
  document["apparmor"] = {{"enabled", true}};
  document["selinux"] = {{"enabled", true}};
  document["intelRdt"] = {{"enabled", false}};
  document["memoryPolicy"] = {
      {"modes", Words{"MPOL_DEFAULT", "MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_WEIGHTED_INTERLEAVE",
                      "MPOL_PREFERRED", "MPOL_PREFERRED_MANY", "MPOL_LOCAL"}},
      {"flags", Words{"MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"}}};
  document["mountExtensions"] = {{"idmap", {{"enabled", false}}}};
  document["netDevices"] = {{"enabled", false}};
  return document;
}

}  // namespace

std::string features_document(const FeaturesFacts& facts) {
  Document document;
  document["ociVersionMin"] = "1.0.0";
  document["ociVersionMax"] = kVersion;
  document["hooks"] =
      Words{"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"};
  document["mountOptions"] = mount_option_names();
  document["linux"] = linux_part(facts);
  document["annotations"] = {{"io.kelp.version", facts.version}};
  document["potentiallyUnsafeConfigAnnotations"] =
      Words{"org.systemd.property.", "run.oci.keep_original_groups"};
  return document.dump(2) + "\n";
}

}  // namespace kelp::oci
