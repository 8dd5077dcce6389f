// SPDX-License-Identifier: Apache-2.0
// YAML as JSON, by the installed libyaml.
#include "sys/libyaml.h"

#include <gmock/gmock.h>

#include "harness/harness.h"
#include "sys/library.h"

namespace kelp::sys {
namespace {

using testing::HasSubstr;

class Yaml : public testing::Test {
 protected:
  void SetUp() override {
    KELP_REQUIRE(kelp::sys::Library({"libyaml-0.so.2"}).is_loaded(), "libyaml is not installed");
  }
  static std::string json(const std::string& yaml) {
    const Result<std::string> read = json_of_yaml(yaml);
    return read ? *read : read.error().sentence();
  }
};

TEST_F(Yaml, KeepsTheStructure) {
  EXPECT_EQ(json("a: b\nlist:\n- x\n- k: v\n  l: []\nempty: {}\n"),
            R"({"a":"b","list":["x",{"k":"v","l":[]}],"empty":{}})");
  EXPECT_EQ(json("[a, {b: c}]"), R"(["a",{"b":"c"}])");
  EXPECT_EQ(json("---\nx: 'y'\n"), R"({"x":"y"})");
}

TEST_F(Yaml, MakesTextOfAllScalarsButNull) {
  EXPECT_EQ(json("a: 0\nb: true\nc: '0'\nd: 1.5\n"), R"({"a":"0","b":"true","c":"0","d":"1.5"})");
  EXPECT_EQ(json("a:\nb: ~\nc: null\nd: 'null'\ne: ''\n"),
            R"({"a":null,"b":null,"c":null,"d":"null","e":""})");
  EXPECT_EQ(json("a: !!str null\n"), R"({"a":"null"})");
  EXPECT_EQ(json(""), "null");
}

TEST_F(Yaml, EscapesWhatJsonCannotHold) {
  EXPECT_EQ(json(R"(a: "q\" b\\ n\n t\t z\0")"), R"({"a":"q\" b\\ n\u000a t\u0009 z\u0000"})");
  EXPECT_EQ(json("a: \xC3\xA4\n"), "{\"a\":\"\xC3\xA4\"}");
}

TEST_F(Yaml, RefusesWhatGrowsOrIsNoData) {
  EXPECT_EQ(json("a: &x [1]\nb: *x\n"), "cannot read YAML: line 2: kelp takes no aliases");
  EXPECT_THAT(json("a: !!binary AA==\n"), HasSubstr("line 1: kelp does not know the tag"));
  EXPECT_THAT(json("a: !x {}\n"), HasSubstr("kelp does not know the tag"));
  EXPECT_EQ(json("a: 1\n---\nb: 2\n"), "cannot read YAML: line 2: there is a second document");
  EXPECT_EQ(json("? [a]\n: b\n"), "cannot read YAML: line 1: a key is no text");
  EXPECT_EQ(json("~: b\n"), "cannot read YAML: line 1: a key is no text");
  EXPECT_THAT(json(std::string(40, '[') + std::string(40, ']')), HasSubstr("nested too deep"));
}

TEST_F(Yaml, RefusesWhatIsNoYamlWithTheLine) {
  EXPECT_THAT(json("a: b\nc: [\n"), HasSubstr("cannot read YAML: line 3: "));
  EXPECT_THAT(json("a:\tb\n\tc: d\n"), HasSubstr("line 2: "));
  EXPECT_THAT(json("a: \xFF\n"), HasSubstr("cannot read YAML: line "));
}

}  // namespace
}  // namespace kelp::sys
