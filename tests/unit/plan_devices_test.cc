// SPDX-License-Identifier: Apache-2.0
// Shared devices in a Plan: what the child proves of them, Landlock's rule, and the warning that nobody may
// open one.
#include <gmock/gmock.h>
#include <linux/mount.h>

#include "unit/plan_build.h"

namespace kelp::plan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

host::HostFile a_node(std::uint32_t mode, std::uint32_t owner = 0, std::uint32_t group = 44) {
  return {
      .kind = host::FileKind::kOther, .device = 1, .inode = 9, .owner = owner, .group = group, .mode = mode};
}

Result<Plan> plan_with(const host::HostFile& node, Words flags = {}, host::Facts facts = ordinary_facts()) {
  facts.files["/dev/x"] = node;
  flags.insert(flags.end(), {"--device=/dev/x", "./root", "true"});
  Result<cli::RunRequest> request = cli::read_run(
      flags,
      {.environment = {"SHELL=/bin/sh"},
       .working_directory = "/home/alga/work",
       .names_in = [](const std::string&) { return std::vector<std::string>(); },
       .look_at = [](const std::string&) { return cli::HostNode{.kind = cli::HostNode::Kind::kDevice}; }});
  if (!request) return request.error();
  Result<CheckedSpec> checked = check(std::move(request->spec));
  if (!checked) return checked.error();
  EXPECT_THAT(needs(*checked).devices, ElementsAre("/dev/x"));
  return build(*checked, facts);
}

std::vector<std::string> warnings(const host::HostFile& node, Words flags = {},
                                  const host::Facts& facts = ordinary_facts()) {
  const Result<Plan> plan = plan_with(node, std::move(flags), facts);
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().sentence());
  return plan ? plan->warnings : std::vector<std::string>();
}

host::Facts in_group_44() {
  host::Facts facts = ordinary_facts();
  facts.supplementary_groups = {44, 1000};
  return facts;
}

TEST(PlanDevices, LetTheChildProveThatItIsOne) {
  const Result<Plan> plan = plan_with(a_node(0666));
  ASSERT_TRUE(plan) << plan.error().sentence();
  const BindMount bind = steps_of<BindMount>(*plan).back();
  EXPECT_EQ(bind.to, "/dev/x");
  EXPECT_TRUE(bind.is_device);
  EXPECT_EQ(bind.attributes, std::uint64_t{MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC});
}

TEST(PlanDevices, CanBeWrittenUnderLandlockWhereverTheyAre) {
  const Result<Plan> plan = plan_with(a_node(0666), {"--landlock=files", "--read-only", "--dev=none"});
  ASSERT_TRUE(plan) << plan.error().sentence();
  const RestrictSelf step = step_of<RestrictSelf>(*plan);
  const auto rule = std::find_if(step.allowed_files.begin(), step.allowed_files.end(),
                                 [](const FileRule& one) { return one.path == "/dev/x"; });
  ASSERT_NE(rule, step.allowed_files.end());
  EXPECT_EQ(rule->rights, step.files);
}

TEST(PlanDevices, AreNoReasonToWarnWhereSomebodyInsideMayOpenThem) {
  EXPECT_THAT(warnings(a_node(0666)), IsEmpty());
  EXPECT_THAT(warnings(a_node(0600, 1000)), IsEmpty()) << "the caller's own";
  EXPECT_THAT(warnings(a_node(0660, 0, 1000)), IsEmpty()) << "of the caller's own group";
  host::HostFile listed = a_node(0660);
  listed.has_acl = true;
  EXPECT_THAT(warnings(listed), IsEmpty()) << "who may is not known";
}

TEST(PlanDevices, OfAGroupThatIsGivenUpAreWarnedOf) {
  EXPECT_THAT(warnings(a_node(0660), {}, in_group_44()),
              ElementsAre("nobody in the container may open /dev/x, which you may as a member of its group: "
                          "--keep-groups keeps your groups"));
  EXPECT_THAT(warnings(a_node(0660), {"--keep-groups"}, in_group_44()), IsEmpty());
  EXPECT_THAT(warnings(a_node(0660), {"--userns=single"}, in_group_44()), IsEmpty())
      << "the kernel lets nobody give groups up there";
}

TEST(PlanDevices, OfIdsThatAreNotMappedAreWarnedOf) {
  EXPECT_THAT(warnings(a_node(0660)), ElementsAre(HasSubstr("not among the ids of the container")));
  EXPECT_THAT(warnings(a_node(0600), {"--keep-groups"}, in_group_44()),
              ElementsAre(HasSubstr("not among the ids of the container")));
}

}  // namespace
}  // namespace kelp::plan
