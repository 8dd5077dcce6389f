// SPDX-License-Identifier: Apache-2.0
// By which path a source is opened.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "plan/steps.h"
#include "unit/plan_build.h"

namespace kelp::plan {
namespace {

std::string parts_of(std::string_view path) {
  const std::optional<DescriptorName> name = read_descriptor_name(path);
  return name ? name->link + " + " + name->rest : "none";
}

TEST(DescriptorNames, AreOurOwnOnly) {
  EXPECT_EQ(parts_of("/dev/fd/9"), "/proc/self/fd/9 + ");
  EXPECT_EQ(parts_of("/proc/self/fd/12/a/b"), "/proc/self/fd/12 + /a/b");
  EXPECT_EQ(parts_of("/proc/thread-self/fd/0/"), "/proc/self/fd/0 + /");
  EXPECT_EQ(parts_of("/dev/stdout"), "/proc/self/fd/1 + ");
  EXPECT_EQ(parts_of("/dev/stdin/x"), "/proc/self/fd/0 + /x");
  for (const char* spelling : {"//dev/fd/9", "/dev/./fd/9", "/dev///fd/././9", "/proc/self//fd/9"})
    EXPECT_EQ(parts_of(spelling), "/proc/self/fd/9 + ") << spelling;
  EXPECT_EQ(parts_of("/dev/fd//9//a/./b/"), "/proc/self/fd/9 + /a/b/");
  EXPECT_EQ(parts_of("/dev/fd/9/."), "/proc/self/fd/9 + /.");
  for (const char* other :
       {"/dev/fd", "/dev/fd/", "/dev/fd/x", "/dev/fd/9x", "/dev/stdinx", "/proc/1/fd/9",
        "/proc/self/fdinfo/9", "dev/fd/9", "/x/dev/fd/9", "/dev/../dev/fd/9", "//", "/./"})
    EXPECT_EQ(parts_of(other), "none") << other;
}

TEST(PlanSources, OpenWhatADescriptorLeadsToByItsPath) {
  host::Facts facts = ordinary_facts();
  facts.files["/dev/fd/9/sub"] = a_directory(1000, 77);
  facts.files["/proc/self/fd/9"] = a_directory(1000, 70);
  facts.files["/proc/self/fd/9"].link_target = "/srv/tree";
  const Plan plan = plan_of({"-v", "/dev/fd/9/sub:/x"}, facts);
  const Source want{.path = "/srv/tree/sub", .device = 1, .inode = 77};
  const std::vector<Source> sources = step_of<OpenSources>(plan).sources;
  EXPECT_NE(std::ranges::find(sources, want), sources.end());
  facts.files["/proc/self/fd/9"].link_target = "pipe:[5]";
  EXPECT_EQ(refusal_of({"-v", "/dev/fd/9/sub:/x"}, facts),
            "cannot share /dev/fd/9/sub (-v /dev/fd/9/sub:/x): it leads to pipe:[5], which has no path");
}

TEST(PlanSources, AreRefusedWhereNoPathLeadsToWhatADescriptorHas) {
  host::Facts facts = ordinary_facts();
  facts.files["//dev/fd/9"] = a_directory(1000, 70);
  host::HostFile& link = facts.files["/proc/self/fd/9"] = a_directory(1000, 70);
  const auto reason = [&](Words options) {
    const std::string refusal = refusal_of(std::move(options), facts);
    return refusal.substr(std::min(refusal.find("): "), refusal.size()));
  };
  link.link_target = "/srv/tree (deleted)";
  EXPECT_EQ(reason({"-v", "//dev/fd/9:/x"}), "") << "so it is called";
  link.is_deleted = true;
  EXPECT_EQ(reason({"-v", "//dev/fd/9:/x"}), "): it leads to /srv/tree, which has been deleted");
  link.link_target = "/memfd:a name (deleted)";
  EXPECT_EQ(reason({"-v", "//dev/fd/9:/x"}), "): it leads to the memfd 'a name', which has no path");
}

}  // namespace
}  // namespace kelp::plan
