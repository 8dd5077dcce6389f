// SPDX-License-Identifier: Apache-2.0
// The default filter where `--seccomp=@NAME` gives something back: each combination differs from it in the
// calls that the sets name, and in nothing else. Numbers are those of the kernel's own tables.
#include <gmock/gmock.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <set>

#include "spec/check.h"
#include "unit/filter_abis.h"

namespace kelp::filters {
namespace {

using Numbers = std::set<std::uint32_t>;

constexpr GivingSet kAll[] = {GivingSet::kIoUring, GivingSet::kPerf, GivingSet::kKeyring};

Numbers numbers_of(GivingSet set, const Abi& abi) {
  const std::string name = abi.name;
  switch (set) {
    case GivingSet::kIoUring: return {425, 426, 427};  // the same everywhere
    case GivingSet::kPerf: return {name == "x86-64" ? 298U : name == "i386" ? 336U : 241U};
    case GivingSet::kKeyring:
      if (name == "x86-64") return {248, 249, 250};
      if (name == "i386") return {286, 287, 288};
      return {217, 218, 219};
  }
  return {};
}

Numbers numbers_of_all(GivingSets sets, const Abi& abi) {
  Numbers out;
  for (const GivingSet set : kAll) {
    if ((sets & bit_of(set)) != 0) out.merge(numbers_of(set, abi));
  }
  return out;
}

std::uint32_t answer_giving(GivingSets sets, std::uint32_t token, Machine machine, std::uint32_t number,
                            const std::vector<std::uint64_t>& arguments) {
  const Verdict verdict = evaluate(default_code(sets, machine),
                                   Call{.architecture = token, .number = number, .arguments = arguments});
  EXPECT_GT(verdict.steps, 0) << number << ": the program leaves its own code";
  EXPECT_LE(verdict.steps, 20) << number;
  return verdict.answer;
}

// What the filter compares arguments with, and what it does not know.
const std::vector<std::vector<std::uint64_t>>& arguments() {
  static const std::vector<std::vector<std::uint64_t>> kAllOfThem = {
      {},           {1, 1, 1, 1},   {AF_ALG, 0}, {AF_INET},    {8, 8},       {99, 99, 99},
      {0, TIOCSTI}, {0, TIOCLINUX}, {0x0040000}, {0x10000000}, {0xFFFFFFFF},
  };
  return kAllOfThem;
}

TEST(GivingSets, DifferFromTheDefaultInTheCallsThatTheyNameAlone) {
  int given_back = 0;
  for (const Abi& abi : kAbis) {
    for (GivingSets sets = 0; sets <= kEveryGivingSet; ++sets) {
      const Numbers named = numbers_of_all(sets, abi);
      for (std::uint32_t number = 0; number < 1100; ++number) {
        for (const auto& some : arguments()) {
          const std::uint32_t before = answer(abi, number, some);
          const std::uint32_t now = answer_giving(sets, abi.token, abi.machine, number, some);
          if (!named.contains(number)) {
            ASSERT_EQ(now, before) << abi.name << " " << number << " with the sets " << sets;
            continue;
          }
          ASSERT_EQ(now, kAllowed) << abi.name << " " << number << " with the sets " << sets;
          ASSERT_THAT(before, testing::AnyOf(kRefused, kUnknown)) << abi.name << " " << number;
          ++given_back;
        }
      }
    }
  }
  // Seven numbers on three architectures, each in half of the eight combinations.
  EXPECT_EQ(given_back, 7 * 3 * 4 * static_cast<int>(arguments().size()));
}

TEST(GivingSets, ChangeNothingOfOtherInterfaces) {
  for (GivingSets sets = 0; sets <= kEveryGivingSet; ++sets) {
    for (std::uint32_t number = 0; number < 600; ++number)
      ASSERT_EQ(answer_giving(sets, kAbis[0].token, Machine::kX86, kX32 | number, {}), kUnknown) << number;
    for (const Machine machine : {Machine::kX86, Machine::kAarch64}) {
      for (const std::uint32_t token : {0U, AUDIT_ARCH_ARM + 0U, AUDIT_ARCH_S390X + 0U})
        EXPECT_EQ(answer_giving(sets, token, machine, 425, {}), kKilled);
    }
    EXPECT_EQ(answer_giving(sets, AUDIT_ARCH_AARCH64, Machine::kX86, 425, {}), kKilled);
    EXPECT_EQ(answer_giving(sets, AUDIT_ARCH_X86_64, Machine::kAarch64, 425, {}), kKilled);
  }
}

TEST(GivingSets, GiveNeitherBpfNorUserfaultfd) {
  for (const Abi& abi : kAbis)
    EXPECT_EQ(answer_giving(kEveryGivingSet, abi.token, abi.machine, abi.bpf, {}), kRefused) << abi.name;
  EXPECT_EQ(answer_giving(kEveryGivingSet, AUDIT_ARCH_X86_64, Machine::kX86, 323, {}), kRefused);
}

TEST(GivingSets, AreTheDefaultWhereNothingIsGivenBack) {
  for (const Machine machine : {Machine::kX86, Machine::kAarch64}) {
    const auto code = code_of(BuiltInFilter::kDefault, machine);
    EXPECT_EQ(default_code(0, machine).data(), code.data());
    for (GivingSets sets = 1; sets <= kEveryGivingSet; ++sets)
      EXPECT_LE(default_code(sets, machine).size(), code.size()) << "each start has the kernel compile it";
  }
}

// What check() says of the two is what the kernel would do with them.
TEST(GivingSets, AreRefusedBesideAFilterThatTakesTheSameCalls) {
  const Abi& abi = kAbis[0];
  for (const std::string_view name : filter_set_names()) {
    const BuiltInFilter filter = *read_built_in_filter(name);
    for (const GivingSet set : kAll) {
      bool is_taken = false;
      for (const std::uint32_t number : numbers_of(set, abi))
        is_taken = is_taken || of(filter, abi, number) != kAllowed;
      Spec spec;
      spec.seccomp.filters = {{.what = filter, .origin = {"--seccomp=@X"}},
                              {.what = BuiltInFilter::kDefault, .origin = {}}};
      spec.seccomp.given_back = {{.set = set, .origin = {"--seccomp=@Y"}}};
      const Result<CheckedSpec> checked = check(std::move(spec));
      const std::string sentence = checked ? "" : checked.error().sentence();
      const std::string want = "cannot allow @" + std::string(giving_set_name(set)) + " (--seccomp=@Y): @" +
                               std::string(name) + " refuses the same calls";
      EXPECT_EQ(sentence.find(want) != std::string::npos, is_taken) << want << "\n" << sentence;
    }
  }
}

TEST(GivingSets, HaveTheNamesOfTheManual) {
  EXPECT_THAT(giving_set_names(), testing::ElementsAre("io-uring", "perf", "keyring"));
  EXPECT_EQ(read_giving_set("perf"), GivingSet::kPerf);
  EXPECT_FALSE(read_giving_set("no-keyring"));
  EXPECT_FALSE(read_giving_set("default"));
}

}  // namespace
}  // namespace kelp::filters
