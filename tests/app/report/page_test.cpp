// What may stand in a page, and how it is made harmless.

#include "app/report/page.hpp"

#include "app/report/assets.hpp"

#include <gtest/gtest.h>

namespace descent {
namespace {

TEST(Page, EscapesTextOfHtml) {
  EXPECT_EQ(html_escaped(R"(<a href="x" id='y'>&</a>)"), "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;&lt;/a&gt;");
}

TEST(Page, JsonCannotEndItsScriptElement) {
  const nlohmann::ordered_json data = {{"</script>", "<!-- & \u2028 \u2029 \xff"}};
  const std::string text = script_json(data);
  EXPECT_EQ(text, R"({"\u003c/script\u003e":"\u003c!-- \u0026 \u2028 \u2029 )"
                  "\uFFFD\"}");
  EXPECT_EQ(nlohmann::json::parse(text)["</script>"], "<!-- & \u2028 \u2029 \uFFFD");
}

TEST(Page, WritesHashesAsPoliciesWantThem) {
  // SHA-256 of nothing, and of "abc" (FIPS 180-2, appendix B.1), in base64.
  EXPECT_EQ(policy_hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
  EXPECT_EQ(policy_hash("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='");
}

TEST(Page, HoldsTitleDataAndLicenceAndNoMarkOfItsTemplate) {
  const std::string page = html_page("a <b> {{data}}", {{"title", "{{scripts}}"}});
  EXPECT_NE(page.find("<title>a &lt;b&gt; {{data}}</title>"), std::string::npos);
  EXPECT_NE(page.find(R"(<script type="application/json" id="data">{"title":"{{scripts}}"}</script>)"),
            std::string::npos);
  EXPECT_NE(page.find("Dan Vanderkam"), std::string::npos);
  for (const char* mark : {"{{styles}}", "{{title}}", "{{script-hashes}}", "{{style-hashes}}", "{{dygraphs-licence}}"})
    EXPECT_EQ(page.find(mark), std::string::npos) << mark;
}

TEST(Page, NamesNoOtherAddressThanThoseOfItsLicence) {
  for (const Asset& asset : assets()) {
    EXPECT_EQ(asset.text.find("sourceMappingURL"), std::string::npos) << asset.name;
    EXPECT_EQ(asset.text.find("</script>"),
              asset.name == "page.html" ? asset.text.find("</script>") : std::string::npos)
        << asset.name;
  }
}

}  // namespace
}  // namespace descent
