// SPDX-License-Identifier: Apache-2.0
// Which id map a container gets, who writes it, and which ids set-up runs as.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "unit/plan_build.h"

namespace kelp::plan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const IdMap kOneUser = {{.inside = 0, .host = 1000, .count = 1}};

TEST(PlanIds, GivesAUserItsRangesBehindItself) {
  const IdMaps ids = plan_of({}).ids;
  EXPECT_THAT(ids.users, ElementsAre(IdRange{0, 1000, 1}, IdRange{1, 100000, 65536}));
  EXPECT_THAT(ids.groups, ElementsAre(IdRange{0, 1000, 1}, IdRange{1, 200000, 65536}));
  EXPECT_EQ(ids.writer, MapWriter::kHelpers);
  EXPECT_FALSE(ids.deny_setgroups);
  EXPECT_EQ(ids.newuidmap, "/usr/bin/newuidmap");
}

TEST(PlanIds, PutsSeveralRangesOneBehindTheOther) {
  host::Facts facts = ordinary_facts();
  facts.ids->user_ranges = {{300000, 10}, {100000, 5}};
  EXPECT_THAT(plan_of({}, facts).ids.users,
              ElementsAre(IdRange{0, 1000, 1}, IdRange{1, 300000, 10}, IdRange{11, 100000, 5}));
}

TEST(PlanIds, CutsRangesAtTheGreatestId) {
  host::Facts facts = ordinary_facts();
  facts.ids->user_ranges = {{1, 0xFFFFFFF0}, {100000, 65536}};
  const IdMap users = plan_of({}, facts).ids.users;
  const IdRange& last = users.back();
  EXPECT_EQ(std::uint64_t{last.inside} + last.count, kMaxId + 1);
}

TEST(PlanIds, FallsToOneIdAndSaysWhy) {
  struct Lack {
    void (*take)(host::IdFacts&);
    std::string why;
  };
  for (const Lack& lack :
       {Lack{[](host::IdFacts& ids) { ids.user_ranges.clear(); }, "/etc/subuid has no range for alga"},
        {[](host::IdFacts& ids) { ids.group_ranges.clear(); }, "/etc/subgid has no range for alga"},
        {[](host::IdFacts& ids) { ids.newuidmap.clear(); }, "newuidmap is not installed"},
        {[](host::IdFacts& ids) { ids.newgidmap.clear(); }, "newgidmap is not installed"},
        {[](host::IdFacts& ids) { ids.no_new_privs = true; }, "no_new_privs is set"},
        {[](host::IdFacts& ids) {
           ids.user_ranges.clear();
           ids.user_name.clear();
         },
         "no range for uid 1000"}}) {
    host::Facts facts = ordinary_facts();
    lack.take(*facts.ids);
    const IdMaps ids = plan_of({}, facts).ids;
    EXPECT_EQ(ids.users, kOneUser);
    EXPECT_EQ(ids.writer, MapWriter::kParent);
    EXPECT_TRUE(ids.deny_setgroups) << "the kernel wants it before an unprivileged gid_map";
    EXPECT_THAT(ids.why, HasSubstr(lack.why));
  }
}

TEST(PlanIds, GivesRootWithoutARangeEveryIdOneToOne) {
  const IdMaps ids = plan_of({}, facts_of_root()).ids;
  EXPECT_THAT(ids.users, ElementsAre(IdRange{0, 0, 0xFFFFFFFF}));
  EXPECT_EQ(ids.writer, MapWriter::kParent);
  EXPECT_FALSE(ids.deny_setgroups);
}

TEST(PlanIds, GivesTheMachinesRootItsRange) {
  host::Facts facts = facts_of_root();
  facts.ids->user_ranges = {{100000, 65536}};
  facts.ids->group_ranges = {{200000, 65536}};
  const Plan plan = plan_of({}, facts);
  EXPECT_THAT(plan.ids.users, ElementsAre(IdRange{0, 100000, 65536}));
  EXPECT_THAT(plan.ids.groups, ElementsAre(IdRange{0, 200000, 65536}));
  EXPECT_EQ(plan.ids.writer, MapWriter::kParent);
  EXPECT_EQ(step_of<TakeIds>(plan).user, Id{0});
}

TEST(PlanIds, GivesRootOfAContainerAllThatItsOwnMapHolds) {
  host::Facts facts = facts_of_root();
  facts.ids->is_first_namespace = false;
  facts.ids->own_users = {{0, 1}, {1, 65536}};
  facts.ids->own_groups = {{0, 1}, {1, 65536}};
  facts.ids->user_ranges = {{100000, 65536}};  // of a root that is not the machine's: not asked
  EXPECT_THAT(plan_of({}, facts).ids.users, ElementsAre(IdRange{0, 0, 1}, IdRange{1, 1, 65536}));
}

TEST(PlanIds, LeavesGroupsAloneWhereANamespaceAroundGaveThemUp) {
  host::Facts facts = facts_of_root();
  facts.ids->is_first_namespace = false;
  facts.ids->may_set_groups = false;
  facts.ids->own_users = facts.ids->own_groups = {{0, 1}};
  const Plan plan = plan_of({}, facts);
  EXPECT_TRUE(plan.ids.deny_setgroups);
  EXPECT_FALSE(step_of<TakeIds>(plan).drop_groups);
  EXPECT_FALSE(step_of<TakeUser>(plan).set_groups);
}

TEST(PlanIds, TakesOneIdWhereAskedFor) {
  const Plan plan = plan_of({"--userns=single"});
  EXPECT_EQ(plan.ids.users, kOneUser);
  EXPECT_FALSE(step_of<TakeIds>(plan).user) << "the caller is root inside already";
}

TEST(PlanIds, FillsTheOtherIdsAroundTheOneThatIsKept) {
  const Plan plan = plan_of({"--userns=keep-id"});
  EXPECT_THAT(plan.ids.users,
              ElementsAre(IdRange{0, 100000, 1000}, IdRange{1001, 101000, 64536}, IdRange{1000, 1000, 1}));
  EXPECT_EQ(step_of<TakeIds>(plan).user, std::nullopt) << "the command must stay the caller";
  EXPECT_EQ(step_of<TakeIds>(plan).group, std::nullopt);
  EXPECT_TRUE(step_of<TakeUser>(plan).keep_ids);
}

TEST(PlanIds, SetsUpAsRootWhereAnotherUserWasAskedForUnderKeepId) {
  const Plan plan = plan_of({"--userns=keep-id", "-u", "7"});
  EXPECT_EQ(step_of<TakeIds>(plan).user, Id{0});
  EXPECT_FALSE(step_of<TakeUser>(plan).keep_ids);
}

TEST(PlanIds, KeepsOneIdWithoutRanges) {
  host::Facts facts = ordinary_facts();
  facts.ids->user_ranges.clear();
  const IdMaps ids = plan_of({"--userns=keep-id"}, facts).ids;
  EXPECT_THAT(ids.users, ElementsAre(IdRange{1000, 1000, 1}));
  EXPECT_TRUE(ids.deny_setgroups);
}

TEST(PlanIds, AsksForNoRangesWhereTheHostsUserlandIsUsedAsOneself) {
  host::Facts facts = ordinary_facts();
  facts.ids.reset();  // not probed
  const IdMaps ids = plan_on("host", {}, facts).ids;
  EXPECT_THAT(ids.users, ElementsAre(IdRange{1000, 1000, 1}));
  EXPECT_EQ(ids.writer, MapWriter::kParent);
}

TEST(PlanIds, TakesAMapWithinTheRanges) {
  const IdMaps ids = plan_of({"--userns=u0:100000:10,u20:1000:1,g0:265535:1"}).ids;
  EXPECT_THAT(ids.users, ElementsAre(IdRange{0, 100000, 10}, IdRange{20, 1000, 1}));
  EXPECT_THAT(ids.groups, ElementsAre(IdRange{0, 265535, 1})) << "the last id of the range";
  EXPECT_EQ(ids.writer, MapWriter::kHelpers);
}

TEST(PlanIds, WritesAMapOfTheCallerAloneByItself) {
  const IdMaps ids = plan_of({"--userns=5:1000:1", "-u", "5:5"}).ids;
  EXPECT_THAT(ids.users, ElementsAre(IdRange{5, 1000, 1}));
  EXPECT_EQ(ids.writer, MapWriter::kParent);
}

TEST(PlanIds, SetsUpAsTheFirstIdOfAMapWithoutRoot) {
  const TakeIds take = step_of<TakeIds>(plan_of({"--userns=u7:100000:3,g7:200000:3", "-u", "8:8"}));
  EXPECT_EQ(take.user, Id{7});
  EXPECT_EQ(take.group, Id{7});
}

TEST(PlanIds, RefusesAMapOutsideOfTheRanges) {
  EXPECT_EQ(refusal_of({"--userns=u0:100000:10,u10:500000:2,g0:200000:1"}),
            "cannot map 10:500000:2 (--userns=u0:100000:10,u10:500000:2,g0:200000:1): /etc/subuid gives alga "
            "no range that holds the host ids 500000 to 500001");
  EXPECT_THAT(refusal_of({"--userns=u0:100000:10,g0:100000:10"}),
              HasSubstr("/etc/subgid gives alga no range"));
  EXPECT_THAT(refusal_of({"--userns=u0:165535:2,g0:200000:2"}), HasSubstr("165535 to 165536"))
      << "the last id of the range and one more";
  EXPECT_THAT(refusal_of({"--userns=0:1000:2"}), HasSubstr("1000 to 1001"))
      << "the neighbour of one's own id";
}

TEST(PlanIds, SaysHowOnesOwnGroupIsMapped) {
  host::Facts facts = ordinary_facts();
  facts.caller.gid = 995;
  const Result<Plan> plan = try_plan({"--userns=0:1000:1"}, facts);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().hint(), "your group is 995, not 1000: u0:1000:1,g0:995:1");
  EXPECT_EQ(try_plan({"--userns=0:5:1"}, facts).error().hint(), "");
  EXPECT_TRUE(try_plan({"--userns=u0:1000:1,g0:995:1"}, facts));
}

TEST(PlanIds, RefusesAMapThatNobodyCanWrite) {
  host::Facts facts = ordinary_facts();
  facts.ids->no_new_privs = true;
  const Words flags = {"--userns=u0:100000:10,g0:200000:10"};
  EXPECT_THAT(refusal_of(flags, facts), HasSubstr("no_new_privs is set"));
  facts.ids->no_new_privs = false;
  facts.ids->newgidmap.clear();
  EXPECT_THAT(refusal_of(flags, facts), HasSubstr("newgidmap is not installed"));
  EXPECT_THAT(try_plan(flags, facts).error().hint(), HasSubstr("uidmap"));
}

TEST(PlanIds, LetsWhoMaySetIdsMapWhatItLikes) {
  const IdMaps ids = plan_of({"--userns=0:500000:10"}, facts_of_root()).ids;
  EXPECT_THAT(ids.users, ElementsAre(IdRange{0, 500000, 10}));
  EXPECT_EQ(ids.writer, MapWriter::kParent);
}

TEST(PlanGroups, DropsThemWhereTheKernelLetsIt) {
  EXPECT_TRUE(step_of<TakeIds>(plan_of({})).drop_groups);
  EXPECT_FALSE(step_of<TakeIds>(plan_of({"--keep-groups"})).drop_groups);
  EXPECT_FALSE(step_of<TakeUser>(plan_of({"--keep-groups"})).set_groups);
  EXPECT_FALSE(step_of<TakeIds>(plan_of({"--userns=single"})).drop_groups);
}

TEST(PlanGroups, SaysThatTheyStayWhereTheyCannotBeDropped) {
  host::Facts facts = ordinary_facts();
  facts.supplementary_groups = {1000, 27};
  EXPECT_THAT(not_enforced(plan_of({}, facts).policy), IsEmpty());
  EXPECT_THAT(not_enforced(plan_of({"--userns=single", "--fake-root=off"}, facts).policy),
              ElementsAre(HasSubstr("none of your supplementary groups stays")));
  EXPECT_THAT(not_enforced(plan_of({"--userns=single", "--fake-root=off", "--keep-groups"}, facts).policy),
              IsEmpty());
  facts.supplementary_groups = {1000};
  EXPECT_THAT(not_enforced(plan_of({"--userns=single", "--fake-root=off"}, facts).policy), IsEmpty())
      << "one's own group is no other";
}

}  // namespace
}  // namespace kelp::plan
