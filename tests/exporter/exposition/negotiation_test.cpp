#include "exporter/exposition/negotiation.h"

#include <string>

#include <gtest/gtest.h>

#include "exporter/exposition/scrape.h"

namespace acronis::exporter {
namespace {

const std::string kText = "text/plain; version=0.0.4; charset=utf-8";
const std::string kText1 = "text/plain; version=1.0.0; charset=utf-8";
const std::string kOld = "application/openmetrics-text; version=0.0.1; charset=utf-8";
const std::string kOpen = "application/openmetrics-text; version=1.0.0; charset=utf-8";

struct AcceptCase {
  std::string name;
  std::string accept;
  std::string content_type;
};
class AcceptTest : public ::testing::TestWithParam<AcceptCase> {};

TEST_P(AcceptTest, DecidesTheFormat) {
  const NegotiatedFormat got = NegotiateFormat(GetParam().accept);
  EXPECT_EQ(got.content_type, GetParam().content_type);
  const bool open = GetParam().content_type.starts_with("application/");
  EXPECT_EQ(got.format, open ? PageFormat::kOpenMetrics : PageFormat::kText);
}

std::string NameOf(const ::testing::TestParamInfo<AcceptCase>& instance) {
  return instance.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    Clients, AcceptTest,
    ::testing::Values(
        AcceptCase{"Prometheus242",
                   "application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
                   "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                   kOpen},
        AcceptCase{"Prometheus3",
                   "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                   "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;"
                   "escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                   kOpen + "; escaping=allow-utf-8"},
        AcceptCase{"Prometheus3WithProtobufFirst",
                   "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                   "encoding=delimited;q=0.7,application/openmetrics-text;version=1.0.0;"
                   "escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                   kOpen + "; escaping=allow-utf-8"},
        AcceptCase{"Prometheus3TextOnly",
                   "text/plain;version=1.0.0;escaping=underscores;q=0.5,text/plain;"
                   "version=0.0.4;q=0.4,*/*;q=0.3",
                   kText1 + "; escaping=underscores"},
        AcceptCase{"PrometheusBefore240",
                   "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,"
                   "*/*;q=0.1",
                   kOld},
        AcceptCase{"Prometheus1",
                   "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                   "encoding=delimited;q=0.7,text/plain;version=0.0.4;q=0.3,*/*;q=0.1",
                   kText},
        AcceptCase{"VictoriaMetrics", "text/plain;version=0.0.4;q=1,*/*;q=0.1", kText},
        AcceptCase{"Curl", "*/*", kText},
        AcceptCase{"Browser",
                   "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
                   kText},
        AcceptCase{"Nothing", "", kText}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Ranges, AcceptTest,
    ::testing::Values(
        AcceptCase{"TextWithoutVersion", "text/plain", kText},
        AcceptCase{"OpenMetricsWithoutVersion", "application/openmetrics-text", kOpen},
        AcceptCase{"OpenMetrics1", "application/openmetrics-text;version=1.0.0", kOpen},
        AcceptCase{"OpenMetricsOld", "application/openmetrics-text;version=0.0.1", kOld},
        AcceptCase{"OpenMetricsNewer", "application/openmetrics-text;version=2.0.0", kText},
        AcceptCase{"OpenMetricsNewerOrAny",
                   "application/openmetrics-text;version=2.0.0,application/openmetrics-text;q=0.9",
                   kOpen},
        AcceptCase{"Text1", "text/plain;version=1.0.0", kText1},
        AcceptCase{"AnyText", "text/*", kText},
        AcceptCase{"AnyApplication", "application/*", kOpen},
        AcceptCase{"OtherType", "application/json", kText},
        AcceptCase{"OtherTypeOrAny", "application/json, */*;q=0.01", kText},
        AcceptCase{"Upper", "APPLICATION/OpenMetrics-Text; Version=1.0.0; Q=1", kOpen},
        AcceptCase{"Quoted", "application/openmetrics-text;version=\"1.0.0\"", kOpen},
        AcceptCase{"QuotedComma", "text/html;title=\"a,*/*;q=0\",application/openmetrics-text",
                   kOpen},
        AcceptCase{"QuotedEscape", "a/b;c=\"\\\",\";q=1,application/openmetrics-text", kOpen},
        AcceptCase{"Blanks",
                   " \tapplication/openmetrics-text ; version=1.0.0\t; q=0.9 ,text/plain;q=0.8",
                   kOpen},
        AcceptCase{"OtherParameter", "text/plain;charset=latin1;x=y", kText},
        AcceptCase{"EmptyElements", ",, ,application/openmetrics-text,,", kOpen}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Qualities, AcceptTest,
    ::testing::Values(
        AcceptCase{"HigherOneLast", "text/plain;q=0.5,application/openmetrics-text;q=0.6", kOpen},
        AcceptCase{"HigherOneFirst", "text/plain;q=0.6,application/openmetrics-text;q=0.5", kText},
        AcceptCase{"EqualTextFirst", "text/plain;q=0.5,application/openmetrics-text;q=0.5", kText},
        AcceptCase{"EqualOpenFirst", "application/openmetrics-text;q=0.5,text/plain;q=0.5", kOpen},
        AcceptCase{"Thousandths", "text/plain;q=0.998,application/openmetrics-text;q=0.999", kOpen},
        AcceptCase{"MoreDigits", "text/plain;q=0.9991,application/openmetrics-text;q=0.9999",
                   kText},
        AcceptCase{"OpenRefused", "application/openmetrics-text;q=0,*/*", kText},
        AcceptCase{"TextRefused", "text/plain;q=0,*/*;q=0.1", kOpen},
        AcceptCase{"OneVersionRefused",
                   "application/openmetrics-text;version=1.0.0;q=0,application/openmetrics-text",
                   kOld},
        AcceptCase{"AllRefused", "*/*;q=0", kText},
        AcceptCase{"ZeroWithDigits", "application/openmetrics-text;q=0.000", kText},
        AcceptCase{"SpecificBeatsGeneral",
                   "*/*;q=1,application/openmetrics-text;q=0.9,text/*;q=0.1,"
                   "text/plain;q=0.2",
                   kOpen},
        AcceptCase{"NoNumber", "application/openmetrics-text;q=high,text/plain;q=0.1", kText},
        AcceptCase{"TooHigh", "application/openmetrics-text;q=1.001,text/plain;q=0.1", kText},
        AcceptCase{"Negative", "application/openmetrics-text;q=-1,text/plain;q=0.1", kText},
        AcceptCase{"EmptyQ", "application/openmetrics-text;q=,text/plain;q=0.1", kText},
        AcceptCase{"OnePoint", "application/openmetrics-text;q=1.,text/plain;q=0.9", kOpen}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Escapings, AcceptTest,
    ::testing::Values(
        AcceptCase{"Dots", "application/openmetrics-text;version=1.0.0;escaping=dots",
                   kOpen + "; escaping=dots"},
        AcceptCase{"Values", "application/openmetrics-text;version=1.0.0; escaping=VALUES",
                   kOpen + "; escaping=values"},
        AcceptCase{"Unknown", "application/openmetrics-text;version=1.0.0;escaping=rot13", kOpen},
        AcceptCase{"OfTheChosenRangeOnly",
                   "application/openmetrics-text;version=1.0.0,text/plain;escaping=dots;q=0.5",
                   kOpen},
        AcceptCase{"NotOnOldFormats",
                   "application/openmetrics-text;version=0.0.1;escaping=underscores", kOld},
        AcceptCase{"NotOnText004", "text/plain;version=0.0.4;escaping=allow-utf-8", kText},
        AcceptCase{"NothingIsSmuggled",
                   "application/openmetrics-text;version=1.0.0;escaping=\"dots; x=y\"", kOpen}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Garbage, AcceptTest,
    ::testing::Values(AcceptCase{"OpenQuote", "text/html;x=\"application/openmetrics-text", kText},
                      AcceptCase{"BackslashAtTheEnd", "a;b=\"\\", kText},
                      AcceptCase{"OnlySeparators", ";,;=;,=,;q=", kText},
                      AcceptCase{"NoSlash", "openmetrics", kText},
                      AcceptCase{"SlashOnly", "/", kText}, AcceptCase{"SlashStar", "/*", kText},
                      AcceptCase{"HalfAType", "application/openmetrics", kText},
                      AcceptCase{"Nul", std::string("application/openmetrics-text\0", 29), kText},
                      AcceptCase{"Bytes", "\xff\xfe,\x80*/*", kText},
                      AcceptCase{"SixtyFourKibibytes",
                                 "application/openmetrics-text," + std::string(65536, 'a'), kText},
                      AcceptCase{"SixtyFourKibibytesOfCommas",
                                 std::string(65536, ',') + "application/openmetrics-text", kText}),
    NameOf);

struct EncodingCase {
  std::string name;
  std::string accept_encoding;
  bool gzip;
};
class EncodingTest : public ::testing::TestWithParam<EncodingCase> {};

TEST_P(EncodingTest, IsNegotiated) {
  EXPECT_EQ(NegotiateEncoding(GetParam().accept_encoding),
            GetParam().gzip ? PageEncoding::kGzip : PageEncoding::kIdentity);
}

INSTANTIATE_TEST_SUITE_P(
    Headers, EncodingTest,
    ::testing::Values(
        EncodingCase{"Nothing", "", false}, EncodingCase{"Gzip", "gzip", true},
        EncodingCase{"Upper", "GZip", true}, EncodingCase{"OldName", "x-gzip", true},
        EncodingCase{"Browser", "gzip, deflate, br, zstd", true},
        EncodingCase{"Others", "deflate, br", false}, EncodingCase{"Any", "*", true},
        EncodingCase{"Zero", "gzip;q=0", false}, EncodingCase{"ZeroDigits", "gzip; q=0.000", false},
        EncodingCase{"LowQ", "gzip;q=0.001", true}, EncodingCase{"AnyZero", "*;q=0", false},
        EncodingCase{"GzipAnyZero", "gzip, *;q=0", true},
        EncodingCase{"ZeroButAny", "gzip;q=0, *", false},
        EncodingCase{"ZeroButOldName", "gzip;q=0, x-gzip", false},
        EncodingCase{"Identity", "identity", false},
        EncodingCase{"IdentityRefused", "identity;q=0", true},
        EncodingCase{"BothRefused", "identity;q=0, gzip;q=0", false},
        EncodingCase{"IdentityRefusedByName", "identity;q=0, *;q=0", false},
        EncodingCase{"IdentityPreferred", "identity, gzip;q=0.5", false},
        EncodingCase{"GzipPreferred", "identity;q=0.5, gzip", true},
        EncodingCase{"Equal", "identity;q=0.5, gzip;q=0.5", true},
        EncodingCase{"BrokenQ", "gzip;q=x", false}, EncodingCase{"Prefix", "gzipped", false},
        EncodingCase{"InQuotes", "a;b=\",gzip,\"", false},
        EncodingCase{"TooLong", "gzip," + std::string(65536, 'a'), false}),
    [](const auto& instance) { return instance.param.name; });

struct QueryCase {
  std::string name;
  std::string query;
  std::vector<std::string> names;
};
class QueryTest : public ::testing::TestWithParam<QueryCase> {};

TEST_P(QueryTest, NamesFamilies) {
  EXPECT_EQ(NamesInQuery(GetParam().query), GetParam().names);
}

INSTANTIATE_TEST_SUITE_P(
    Queries, QueryTest,
    ::testing::Values(
        QueryCase{"Empty", "", {}}, QueryCase{"One", "name[]=up", {"up"}},
        QueryCase{"Two", "name[]=b&name[]=a", {"b", "a"}},
        QueryCase{"Encoded", "name%5B%5d=%75p", {"up"}}, QueryCase{"Plus", "name[]=a+b", {"a b"}},
        QueryCase{"Others", "x=1&name[]=up&name=no&y", {"up"}},
        QueryCase{"EmptyValue", "name[]=", {""}}, QueryCase{"NoValue", "name[]", {""}},
        QueryCase{"EqualsInValue", "name[]=a=b", {"a=b"}},
        QueryCase{"BrokenEscape", "name[]=%zz&name[]=up", {"up"}},
        QueryCase{"CutEscape", "name[]=%4", {}}, QueryCase{"Percent", "name[]=%", {}},
        QueryCase{"Signs", "name[]=%-1&name[]=%+1", {}}, QueryCase{"BrokenKey", "na%me[]=up", {}},
        QueryCase{"Separators", "&&name[]=up&&", {"up"}}),
    [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace acronis::exporter
