// SPDX-License-Identifier: Apache-2.0
// Profiles: what a file of flags makes of a command line, where it is found, and how its errors read.
#include <gmock/gmock.h>

#include <cerrno>
#include <map>

#include "cli_read.h"

namespace kelp::cli {
namespace {

using testing::SizeIs;
using testing::StartsWith;

// Files of a machine that has no others.
struct Machine {
  std::map<std::string, std::string> files;
  std::vector<std::string> environment = {"HOME=/home/alga"};
  std::string here = "/project";

  Result<RunRequest> read(Words flags) const {
    flags.insert(flags.end(), {"./root", "true"});
    return read_run(flags, {.environment = environment,
                            .working_directory = here,
                            .read_file = [this](const std::string& path) -> Result<std::string> {
                              const auto found = files.find(path);
                              if (found != files.end()) return found->second;
                              return Error(cat("open ", path), "No such file or directory").with_code(ENOENT);
                            },
                            .names_in =
                                [this](const std::string& directory) {
                                  Words names;
                                  for (const auto& [path, text] : files) {
                                    if (path.starts_with(directory + "/"))
                                      names.push_back(path.substr(directory.size() + 1));
                                  }
                                  return names;
                                },
                            .is_there = [this](const std::string& path) { return files.contains(path); },
                            .data_directories = [] { return Words{"/usr/share/kelp"}; }});
  }
  Spec spec(Words flags) const {
    Result<RunRequest> request = read(std::move(flags));
    EXPECT_TRUE(request) << (request ? "" : request.error().sentence());
    return request ? request->spec : Spec{};
  }
  std::string refusal(Words flags) const {
    const Result<RunRequest> request = read(std::move(flags));
    return request ? "" : request.error().sentence();
  }
};

TEST(Profile, SaysTheSameAsTheCommandLine) {
  const Machine machine = {{{"./p",
                             "# a comment\n\n  --hide /a b  \n--tmpfs=/scratch\n-v\t/x:/y:ro\n--read-only\n"
                             "-w /y\n--overlay=layer\n--hostname =odd"}}};
  EXPECT_EQ(machine.spec({"--profile", "./p"}),
            machine.spec({"--hide", "/a b", "--tmpfs=/scratch", "-v", "/x:/y:ro", "--read-only", "-w", "/y",
                          "--overlay=layer", "--hostname", "=odd"}));
}

TEST(Profile, StandsInThePlaceOfItsFlag) {
  const Machine machine = {{{"./p", "-w /profile\n--network=none\n--ulimit core=0\n"}}};
  EXPECT_EQ(machine.spec({"--profile=./p", "-w", "/mine"}).command.directory, "/mine");
  EXPECT_EQ(machine.spec({"-w", "/mine", "--profile=./p"}).command.directory, "/profile");
  EXPECT_TRUE(machine.spec({"--profile=./p"}).new_namespaces.has(Namespace::kNetwork));
  EXPECT_FALSE(machine.spec({"--profile=./p", "--network=host"}).new_namespaces.has(Namespace::kNetwork));
  EXPECT_THAT(machine.spec({"--profile=./p", "--ulimit=core=1"}).command.limits, SizeIs(2));
}

TEST(Profile, SaysWhichDefaultsThereAre) {
  const Machine machine = {{{"./p", "--bare\n"}}};
  EXPECT_FALSE(machine.spec({"--profile=./p"}).new_namespaces.has(Namespace::kPid));
}

TEST(Profile, GivesItsPlaceAsTheOrigin) {
  const Machine machine = {{{"./p", "\n--hide=/x\n"}}};
  EXPECT_EQ(machine.spec({"--profile=./p"}).mounts.back().origin.text, "./p:2: --hide=/x");
}

TEST(Profile, OfANameIsLookedForInOrder) {
  Machine machine;
  const auto found = [&] { return machine.spec({"--profile=p"}).hostname; };
  machine.files["/usr/share/kelp/profiles/p"] = "--hostname=shared";
  EXPECT_EQ(found(), "shared");
  machine.files["/etc/kelp/profiles/p"] = "--hostname=etc";
  EXPECT_EQ(found(), "etc");
  machine.files["/home/alga/.config/kelp/profiles/p"] = "--hostname=home";
  EXPECT_EQ(found(), "home");
  machine.files["/config/kelp/profiles/p"] = "--hostname=xdg";
  EXPECT_EQ(found(), "home");
  machine.environment = {"HOME=/home/alga", "XDG_CONFIG_HOME=/config"};
  EXPECT_EQ(found(), "xdg");
  machine.environment = {"HOME=/home/alga", "XDG_CONFIG_HOME=config"};
  EXPECT_EQ(found(), "home") << "a relative one does not count";
}

TEST(Profile, ThatIsMissingIsToldWithThePlaces) {
  EXPECT_EQ(Machine{}.refusal({"--profile", "p"}),
            "cannot use --profile p: there is no such profile: none of /home/alga/.config/kelp/profiles/p, "
            "/etc/kelp/profiles/p, /usr/share/kelp/profiles/p exists");
  EXPECT_EQ(Machine{}.refusal({"--profile=./p"}),
            "cannot open ./p: No such file or directory (--profile=./p)");
  EXPECT_EQ(Machine{}.refusal({"--profile="}), "cannot read --profile=: the name of the profile is empty");
}

TEST(Profile, ThatIsMissingIsToldWithThoseThatThereAre) {
  Machine machine;
  const auto hint = [&](const std::string& name) { return machine.read({"--profile", name}).error().hint(); };
  EXPECT_EQ(hint("agent"),
            "no profile is installed in any of these; a file of yours is named with a slash: ./FILE");
  machine.files["/etc/kelp/profiles/build"] = "";
  machine.files["/usr/share/kelp/profiles/agent"] = "";
  machine.files["/usr/share/kelp/profiles/dev"] = "";
  machine.files["mine"] = "";
  EXPECT_EQ(hint("other"), "there are build in /etc/kelp/profiles; agent, dev in /usr/share/kelp/profiles");
  EXPECT_EQ(hint("agnet"),
            "did you mean agent? There are build in /etc/kelp/profiles; agent, dev in "
            "/usr/share/kelp/profiles");
  EXPECT_EQ(hint("mine"), "a file is named with a slash: ./mine");
}

TEST(Profile, SaysHowAnOptionalValueIsWritten) {
  const auto hint = [](std::string text) {
    return Machine{{{"./p", std::move(text)}}}.read({"--profile=./p"}).error().hint();
  };
  EXPECT_EQ(hint("--overlay layer"), "an optional value follows an equals sign: --overlay=layer");
  EXPECT_EQ(hint("--read-only yes"), "");
  EXPECT_EQ(hint("--read-only --here"), "a profile has one flag a line");
  EXPECT_EQ(hint("--here\r"), "take them out: sed -i 's/\\r$//' FILE");
}

TEST(Profile, ThatCannotBeReadIsNotPassedOverForTheNext) {
  Machine machine = {{{"/usr/share/kelp/profiles/p", "--hostname=shared"}}};
  const Result<RunRequest> request = read_run(
      Words{"--profile=p", "./root"},
      {.environment = {"HOME=/home/alga"}, .read_file = [](const std::string& path) -> Result<std::string> {
         if (path.starts_with("/etc"))
           return Error(cat("open ", path), "Permission denied").with_code(EACCES);
         return Error(cat("open ", path), "No such file or directory").with_code(ENOENT);
       }});
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().sentence(), "cannot open /etc/kelp/profiles/p: Permission denied (--profile=p)");
}

TEST(Profile, NamesTheLineOfAnError) {
  const auto of = [](std::string text) { return Machine{{{"./p", "\n" + text}}}.refusal({"--profile=./p"}); };
  EXPECT_EQ(of("--netwrok none"), "cannot use --netwrok of ./p:2: unknown flag");
  EXPECT_THAT(of("--pod p"), StartsWith("cannot use --pod of ./p:2: "));
  EXPECT_THAT(of("--hide"), StartsWith("cannot read --hide of ./p:2: its value is missing"));
  EXPECT_THAT(of("--unshare=moat"), StartsWith("cannot read ./p:2: --unshare=moat: 'moat' is no namespace"));
  EXPECT_THAT(of("./root"), StartsWith("cannot read ./p:2: a profile holds flags only"));
  EXPECT_THAT(of("-- --hide"), StartsWith("cannot read ./p:2: a profile holds flags only"));
  EXPECT_THAT(of("-"), StartsWith("cannot read ./p:2: a profile holds flags only"));
  EXPECT_EQ(of("--overlay layer"), "cannot read ./p:2: 'layer' is not the value of --overlay");
  EXPECT_EQ(of("--read-only --here"), "cannot read ./p:2: --read-only is whole, and another flag follows");
  EXPECT_EQ(of("--network=none --read-only"),
            "cannot read ./p:2: --network=none is whole, and another flag follows");
  EXPECT_EQ(of("--read-only --network none"),
            "cannot read ./p:2: --read-only is whole, and another flag follows");
  EXPECT_EQ(of(std::string("--hide /a\0b", 11)), "cannot read ./p:2: there is a control character in it");
  EXPECT_EQ(of("--hide /a\r\n"), "cannot read ./p:2: it ends with a carriage return, as lines do on Windows");
  EXPECT_EQ(of("--hide /\ra\n"), "cannot read ./p:2: there is a control character in it");
  EXPECT_EQ(of("--domainname --hide"), "") << "no flag: the value";
}

TEST(Profile, NamesEachLineThatIsWrong) {
  const Machine machine = {{{"./p", "--one\n--hide=/x\n--two\n"}}};
  const Result<RunRequest> request = machine.read({"--profile=./p"});
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().sentence(), "cannot use --one of ./p:1: unknown flag");
  ASSERT_THAT(request.error().others(), SizeIs(1));
  EXPECT_EQ(request.error().others()[0].sentence(), "cannot use --two of ./p:3: unknown flag");
}

TEST(Profile, KnowsTheWorkingDirectoryAndTheHome) {
  Machine machine = {{{"./p", "-v ${PWD}/a:${HOME}/b\n"}}};
  EXPECT_EQ(machine.spec({"--profile=./p"}), machine.spec({"-v", "/project/a:/home/alga/b"}));
  machine.environment.clear();
  EXPECT_EQ(machine.refusal({"--profile=./p"}), "cannot read ./p:1: ${HOME} has no value here");
  machine.here = "/a:b";
  EXPECT_EQ(machine.refusal({"--profile=./p"}),
            "cannot read ./p:1: ${PWD} is /a:b, and the : in it would mean something else");
  machine.files["./p"] = "--hide ${USER}";
  EXPECT_EQ(machine.refusal({"--profile=./p"}),
            "cannot read ./p:1: only ${PWD} and ${HOME} stand for something");
  machine.files["./p"] = "--hide ${PWD";
  EXPECT_EQ(machine.refusal({"--profile=./p"}),
            "cannot read ./p:1: only ${PWD} and ${HOME} stand for something");
  machine.files["./p"] = "--hide /$PWD";
  EXPECT_EQ(machine.spec({"--profile=./p"}), machine.spec({"--hide", "/$PWD"}));
}

TEST(Profile, MayNameOthersFourDeep) {
  Machine machine = {{{"./a", "--profile ./b\n--hide=/a"}, {"./b", "--profile=./c"}, {"./c", "--hide=/c"}}};
  EXPECT_EQ(machine.spec({"--profile=./a"}), machine.spec({"--hide=/c", "--hide=/a"}));
  machine.files["./c"] = "--profile ./a";
  EXPECT_EQ(machine.refusal({"--profile=./a"}),
            "cannot use ./a:1: --profile ./b: profiles name profiles more than 4 deep");
}

TEST(Profile, HasALimitOfSize) {
  const Machine machine = {{{"./p", std::string(1U << 17U, '#')}}};
  EXPECT_EQ(machine.refusal({"--profile=./p"}),
            "cannot read ./p: it is larger than 65536 bytes (--profile=./p)");
}

TEST(Profile, ThatIsEmptySaysNothing) {
  const Machine machine = {{{"./p", ""}}};
  EXPECT_EQ(machine.spec({"--profile=./p"}), machine.spec({}));
}

}  // namespace
}  // namespace kelp::cli
