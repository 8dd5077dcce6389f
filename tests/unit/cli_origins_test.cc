// SPDX-License-Identifier: Apache-2.0
// A refusal names the flag, and for a line of a profile its file and line, wherever it is found out.
#include "plan_build.h"

namespace kelp::plan {
namespace {

// Why `kelp run` of a profile with this as its second line is refused.
std::string refusal_of_line(const std::string& line, const Words& more = {}) {
  cli::Surroundings around;
  around.read_file = [&](const std::string&) -> Result<std::string> { return "# a comment\n" + line + "\n"; };
  Words words = {"--profile", "./p"};
  words.insert(words.end(), more.begin(), more.end());
  words.insert(words.end(), {"./root", "true"});
  Result<cli::RunRequest> request = cli::read_run(words, around);
  if (!request) return request.error().sentence();
  Result<CheckedSpec> checked = check(std::move(request->spec));
  if (!checked) return checked.error().sentence();
  host::Facts facts = ordinary_facts();
  facts.files["nope"] = an_absence(ENOENT);
  const Result<Plan> plan = build(*checked, facts);
  return plan ? "" : plan.error().sentence();
}

TEST(Origins, OfAProfileAreTheFileAndTheLine) {
  EXPECT_EQ(refusal_of_line("--hostname a b"),
            "cannot set the host name 'a b': there is a blank or a control character in it "
            "(./p:2: --hostname a b)");
  EXPECT_EQ(refusal_of_line("--domainname a b"),
            "cannot set the domain name 'a b': there is a blank or a control character in it "
            "(./p:2: --domainname a b)");
  EXPECT_EQ(refusal_of_line("--timeout 0"),
            "cannot end the command after 0 s: it would never run (./p:2: --timeout 0)");
  EXPECT_EQ(refusal_of_line("--workdir rel"),
            "cannot start in 'rel': the directory is not absolute (./p:2: --workdir rel)");
  EXPECT_EQ(refusal_of_line("--report 0"),
            "cannot report to descriptor 0: 0, 1 and 2 belong to the command (./p:2: --report 0)");
  EXPECT_EQ(refusal_of_line("--preserve-fd 0"),
            "cannot preserve descriptor 0: 0, 1 and 2 are passed anyway (./p:2: --preserve-fd 0)");
  EXPECT_EQ(refusal_of_line("--overlay=nope"),
            "cannot use nope as the overlay's layer: No such file or directory (./p:2: --overlay=nope)");
  EXPECT_EQ(refusal_of_line("--json"), "cannot use ./p:2: --json: it belongs to --explain or --dry-run");
  EXPECT_EQ(refusal_of_line("--no-hosts", {"--add-host=a:127.0.0.1"}),
            "cannot use ./p:2: --no-hosts: it contradicts --add-host=a:127.0.0.1");
}

TEST(Origins, OfDescriptorsAreWhatNeedsThem) {
  const Plan plan = plan_of({"--report=9", "--file", "8:/x", "--preserve-fd=7"});
  EXPECT_EQ(plan.descriptor_uses, (std::vector<DescriptorUse>{
                                      {.fd = 9, .action = "report to descriptor 9", .origin = {"--report=9"}},
                                      {.fd = 8, .action = "read descriptor 8", .origin = {"--file 8:/x"}},
                                      {.fd = 7, .action = "pass on descriptor 7", .origin = {}}}));
}

}  // namespace
}  // namespace kelp::plan
