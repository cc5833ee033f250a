/*
 * Tokens of every kind, made once with keys that are gone; NOW is their time.
 */
#ifndef TESTS_UNIT_OAUTH_FIXTURES_H
#define TESTS_UNIT_OAUTH_FIXTURES_H

#define NOW 1800000000

static const char fixture_jwks[] =
    "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"viQFJpCIKLBzPrNYmfcgGUqLz5cU8qhQH-jKaeSuNSpnXdGGdPJQ6fDtGUZdw6l0rT8ACF6ne"
    "vo75CCB-UDzomkA1cQugh0uxtYnffNWkQl2NTCaHWecRwyIA54eVUwAda14EC7WnUYQ_U3CV-vn6HxUJJ_-9sNBOlSK2Yleu0iVQ"
    "xj6IrtKrM_sypr5lkD33C4Qm-MtWOcDeiOytwx1RNUizKhjpeHDc_8d6-2L6NeUOU493LURlH7CyZclV0LjjnJIIpl9RG3DlfnqE"
    "8eDCoknWXXqDLlycWDovLJcnmNF1b0HnHedX7TdXhEl5mCmsv5NJvXxY4TmX1BG86tQJQ\",\"e\":\"AQAB\",\"kid\":\"rsa\",\"alg\":"
    "\"RS256\",\"use\":\"sig\"},{\"kty\":\"EC\",\"x\":\"DbENxh9uo"
    "E7v7dH3YlCrOQ225Ht90zJ5-QRynjNXpeQ\",\"y\":\"BQRNub-dZFDB"
    "cFk_JtO8PbIlDJ4LWaL_K8c-GwKgJjU\",\"crv\":\"P-256\",\"kid\":\"ec\",\"alg\":\"ES256\",\"use\":\"sig\"}]}";

static const struct fixture {
    const char *name, *token;
} fixtures[] = {
    { "good",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJ"
    "lbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJ"
    "uYW1lIjoiQW5uIEIifQ.vIU5dJCWlIeiYBa35ynXzFkGq_ThoXZ7WvMoXcjRgG5Qk2LpYS0B5dHxV2SctqkhLKhB2wTf33sVXccu"
    "g74P1Twuh9fc_acMLvy3zSBZ3Iq56WN3hkayZA_lUkgByGopm_grKgkyLCeVZb9jmB0FAJG3K8OvzHJPgnQmXI_6iKNFtshwa0FM"
    "jRt9lhg0KIY-lYVq6JTd1XESIcYh0Gs73RB2zmAH59CRNXGYcoeQo_-K6XdDRC4AXZ4FnRB2slJxK5PnrY825dvH3uB1iipFJR6v"
    "g0WF33wtAbhO-KC1O42Z-UTsU3MCSCe02daG5uWklG_OGl0E3LnEaXhIst4wHw" },
    { "es256",
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjIn0.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQi"
    "LCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJl"
    "bWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJu"
    "YW1lIjoiQW5uIEIifQ.BUdwJdQ7N9T7Ook08tDa1chsn0BMPGu8l8tuZAdFw8F0O0CenZQQ5AQD1PGSoZXnb_2wXF2vwcUHiXBL_"
    "dTiew" },
    { "typed",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSIsInR5cCI6Imp3dCJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF"
    "1ZCI6ImNhYmluZXQiLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ"
    "0aGUgbm9uY2UiLCJlbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5"
    "hbWUiOiJhbm4iLCJuYW1lIjoiQW5uIEIifQ.TKMZSwoxHfrWCvcs708pkCFEUOd1wI6yrM5LfmBoCMMWw3iHWk7QJJmM-Ddys06-"
    "d8UMStu_o167OsETzi92I_s3x1PnCUPKDkuCh9EhmnKjdGgpwycmiB-zoSZCmOBFSCOK17fWYbWwiWD108YarWap13MiKwkG-rYt"
    "BHLZwyQ-YrXmL2HXWgnaNY89AllIf72XuEXMcQYXX5ewipM7dxNvVXJ0j1HGhu4-kEZuGFRv1hNMY3xlEKLq8p_kHu7CMZPWxZg5"
    "gURy5rBkxzw07a_iIMSMKdQu0GfWb4jMBV3DsLFv1SAMN6JiLicwIMD5z5DCIO5M5nzrv1mOgin8Gw" },
    { "no_kid",
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQiLCJzdWIiOiJzdWJ"
    "qZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJlbWFpbCI6ImFubkB"
    "leGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJuYW1lIjoiQW5uIEI"
    "ifQ.DcZxwKmAXx9a-hgXd-PUdGIjqBMW1ZyGDeJvg0FnJY5HNjvmzaG71NrdjNRFBXJcy1jpQNMQgLzogiL0LOwt2b-gvP9L4Z5C"
    "UL4xSwDMJXKmuK50du71Ze_nKewg_zG9GmxTWCDU2F2FCUG-qT6gODtHxyP2avdIJihL8RPVm8VX-qNmbfNPJeMEkDEr67mZie6Y"
    "al37Flu8BpSG67u30-lJ8xNibkHzeSNFBhk92K6FXgTg5fdBcDRaBT4b9nVH0zl-4WElO_SIczlOhshVWDRua9xmmuK---kHsopL"
    "vrT0kiCS5ZUQbggCG9iRJeVTb0AZQaeXyR5eJizGjZjAvg" },
    { "several",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6WyJjYWJpbmV"
    "0IiwieCJdLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9"
    "uY2UiLCJlbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJ"
    "hbm4iLCJuYW1lIjoiQW5uIEIiLCJhenAiOiJjYWJpbmV0In0.h6Bi4lxFwu2V4_3mBZLgfiNfCn1Y5wpLJMRpmVcCJVeczbgE11Y"
    "uGlJkML5kwHMjyjpGF_0jn99DcWECZQqWZpk3KT6pr8lmiC4Oq3NQrapDDbFp-orraBdUWjPVPlquRTVJvPTGeBZ3fzZ8n7TIkod"
    "nMHcJMNs8BRQWhf9oBisqaUKTuwjGPaxbx02jRvsA5MIJ2b73BK6ZoBD9C7Zh_ijNs13C3HuVUQrsSHqMBlIIJKGc-Fmv36QcAg5"
    "Lcr3tl0ATdMiFYkB0nZ9UkNbq3oTvuTZairxenSlob6uGQvgJy5sAm577s0gAraiP8bxx10n31G9IuGdBaw6Aj4BvYw" },
    { "app",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImFwcC0xIiw"
    "ic3ViIjoic3ViamVjdC0xIiwiaWF0IjoxNzk5OTk5OTkwLCJleHAiOjE4MDAwMDAzMDAsIm5vbmNlIjoidGhlIG5vbmNlIiwiZW1"
    "haWwiOiJhbm5AZXhhbXBsZS5vcmciLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwicHJlZmVycmVkX3VzZXJuYW1lIjoiYW5uIiwibmF"
    "tZSI6IkFubiBCIiwiYXpwIjoiYXBwLTEifQ.qP4PgVWGxPb3bqo0as-btuRfsrkwTkVQwHwcp4SvApdQ1e_JijVQacRTqQWEf7Mj"
    "-_nEFzQEUNg0juV2etS8-60nx9RryKCdFJY_cAwUEkDgwJ6k_N2N0Mn5vlsSDKgaVaUPNMtc4Byalz2VY7sfOMyTMWbVRD7v8cx0"
    "QA0jLX3Ap7jTWijo7QeSo5t2cW8xkJp0-qVxQ-E0olJynMoIvMX01CMyP2GYCWygtQVSfbBsAP9dXl9WrNYRcjTF8MpbLJc2fWpG"
    "We_ulDcR7_ZvpkIzBdPakFaZyGUhZ8X7cy8qvCQNmVI6s2uBCLNNAoV5nCoorPVwAVL1_iRUcDJRSA" },
    { "google_android",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJ"
    "lbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJ"
    "uYW1lIjoiQW5uIEIiLCJhenAiOiJhcHAtMSJ9.sfOiroS6TYtNLbIWd4XXZpb1yfzMW0zVb5FAp3sfO7KMea_MYfc_ieMUglXvxi"
    "Bi0G2iv_D2aHE4RxW8QLP3R5RTQXrYp0x7CR6XaEh1-oP78ZLwsQBTo6TpUWdj5NdcDkrGMKO7HmbFKzGTbizE8zKB2laxPi9Uwr"
    "_xGn5pIT14ZQctg-xFc2pqe9dtNkt8yTYGbfF8Ya20i6YezRyIVtSRdcwLHgN3TEt_8hhf7TSnjTurROmWHj0Fd0D0mz4Fl68Jgj"
    "EpSJ98J40w43nLDfLSCql5ZALahanIrAvrwdLHXeiNv0FhC463W-fhRFa15_lfwC264WJegZiqmeF7zg" },
    { "leeway",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk3MDAsImV4cCI6MTc5OTk5OTk0MSwibm9uY2UiOiJ0aGUgbm9uY2UiLCJ"
    "lbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJ"
    "uYW1lIjoiQW5uIEIifQ.hNd7AEXBeTtYNJBQLuDrpiKaYxa3i4MK7RfmXo3BmBY28LVjzsAz7Ktg9hhIs8hrRE4qRv_ESuDuhAux"
    "IR3cXG6U9uu7I4P9FUH0hfe-9i0t-ZkqTvojvwjXmwprsvMvJ97s-jW4oiTKJqQiPtbIq4XoS_Ag8wb4kLhUdWcbsNMM-iWv61A1"
    "-f4bXomuQNEJMRHWqoAgZ1JUWSOpWCvOxNOMdEfnJNng5PNjuak3vczExoRPjweoJwIoWvCE8U8B7qj6ngXZPB6WaZ2uiBxB8foQ"
    "fImwYGVuiaR961qHXY2JU7pWvsbDb5kLcyC09D7k3jRf_rvItg19KWcTF4z42A" },
    { "fraction",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMC41LCJub25jZSI6InRoZSBub25jZSI"
    "sImVtYWlsIjoiYW5uQGV4YW1wbGUub3JnIiwiZW1haWxfdmVyaWZpZWQiOnRydWUsInByZWZlcnJlZF91c2VybmFtZSI6ImFubiI"
    "sIm5hbWUiOiJBbm4gQiJ9.jQL7gmT2V_PO41L8oyGsPs51e6nDLzW-7_jhuDz3RpD9hcNQ1zkMLvoLCUSf-8tHUT9-aRMZ52-lwt"
    "AC-7KKK1V-uG2M8h3yGaBFGmvOygF_o6kPsKGFy18JhYPj73KLWWXMxr08jz1snyZLkL1I5wq1r2ZtXsERpRw1gf3kjBwR3cJgIh"
    "9weTR9a6Y3bOrPSJ07bDbyryi09MTkv9tJR0irhOc8nDQTBBlcrw0Z5RozuhP0XSrTPx6y8R2oM7Dh0BGxmMED7WaNBB7JGk_e6m"
    "htGqlEnUeR32172msiMjFPbrr5XenLe-j9dTQ5IT1H1QhFWQ4HIDaMhSW8BIarKQ" },
    { "string_verified",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJ"
    "lbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjoidHJ1ZSIsInByZWZlcnJlZF91c2VybmFtZSI6ImFubiI"
    "sIm5hbWUiOiJBbm4gQiJ9.FnjmTorW2ayRgGoe8PikqlxvtyltGtb3Bxuk0Q4Z3nWZkLwaPbpsuALSEkFCIeYVQcjzfp_Ea1GtfI"
    "tfm0nJQoLae2OmQ1hCSAxFKBKbueYi0rGWNDSOjfJkGSOZS9-HaO8q7MFsdk0-n601N__C15Jop4XuwFBaadpNPrdWWBiiRTjoUX"
    "NdBPPsgJlytsH6rzUxWln7sZVquxs6GSq2scgc4QKDMYx0PfWKocKEmvrzFIZDfY9QnzqKyuIdDK1uxYd7cDH9ryOGrDBTIpkXhg"
    "ocx8IuEjheKsZ2NA73PhoXI6jKlxMEqNBkL594IKNjn02Vp41WxXtF8J-Q8MByVw" },
    { "unverified",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJ"
    "lbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjpmYWxzZSwicHJlZmVycmVkX3VzZXJuYW1lIjoiYW5uIiw"
    "ibmFtZSI6IkFubiBCIn0.B0emN-hmaYUq5uF30ZKlrr0VoNCWTWaj1HtVbavKBYgxyUdfMyj23kg5jvG0WyRHU2G2OQ4-h0vuvYs"
    "o8AbyNLbyGFWof4k--FxJSq3IOJz6gt9dh-PhqpTOtzSVhfrT5akkZqTc5okXdFLL3L4oN076Fm50B6Cf3FEW-u8pjRteb1vUVhK"
    "Jcq87cnrDhNhpVCTVQ6KhwPyetFlde-gIfnDkVLG3QahhkhJkfJkoMJKfKxA1wqLx-Rh5QJzez5-m7ItdCQZqDDmwEFWnntY5H_k"
    "U6DIPeES9fDt16IjJqfwwG99rsIDTZCBOruOv3CuCU8BNA_a3UBNnVuFrEdlI3g" },
    { "address_as_name",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJ"
    "lbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm5AZXh"
    "hbXBsZS5vcmciLCJuYW1lIjoiQW5uIEIifQ.Y4jp3jhz_b7l92XzsmyGdzm92F-Yh3Bd7zSXaI5OiiZBv9o10qeP0XCRQ7UvoVLi"
    "cR6dYjQWdlQBAfp7mYxvJsN5EKbmy4w-L-43o1mpxgZf-BKLGy7QSwddXdadXsofnRRSoaxHZtttHIA5hoqAxoUScl_gnncEztKD"
    "ZPFn6l_RtCJY5Q1CpGT-bt5t743IuYsh1Y2hGAW3XklIC4dg7IZPt6ckh1-3u9eRaCjGhmwWizObuLY3gJKJnUtUaEKCNQF5W79R"
    "vlxQXkHDxsspdBPSm7TDYdRLC5npqpEo52HEbLvpyMU4NBkO32-qDVzoP41kTQqnDiZOYrTX2A1XIA" },
    { "issuer",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZy8iLCJhdWQiOiJjYWJpbmV"
    "0Iiwic3ViIjoic3ViamVjdC0xIiwiaWF0IjoxNzk5OTk5OTkwLCJleHAiOjE4MDAwMDAzMDAsIm5vbmNlIjoidGhlIG5vbmNlIiw"
    "iZW1haWwiOiJhbm5AZXhhbXBsZS5vcmciLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwicHJlZmVycmVkX3VzZXJuYW1lIjoiYW5uIiw"
    "ibmFtZSI6IkFubiBCIn0.C3Kz8_upeFwsCZ-BBvSHWbq8aCEgCpnuNc5t3DZ0_UtO5--_CcJM8KheM7f8t78Mo6EY6S7m1EhYSZr"
    "EjHjVbIOwayDUlg85WDiWtnL-r8EhDQLAJKyIn3V6vdhNy3uSpd-E6Xpocg3skkqbcBacVErJ4bGXnCqdHC_RybTgGNLoWwJ6nsN"
    "eK7AD0Z1L3ykw4CaMMBpDJY3YToOPmiHPrCRepObGr0zROJHURdgKYdSO595d-BIAyudOZqOY311y6N3-P31ItLKgivv0znW0tYq"
    "AyWSJXFKGiAzCW8p1wIiFDHMYf4l7Wc7a6wjlppQfKjpx9MZl5aLOgBsA56xYlA" },
    { "no_issuer",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJhdWQiOiJjYWJpbmV0Iiwic3ViIjoic3ViamVjdC0xIiwiaWF0IjoxNzk5OTk"
    "5OTkwLCJleHAiOjE4MDAwMDAzMDAsIm5vbmNlIjoidGhlIG5vbmNlIiwiZW1haWwiOiJhbm5AZXhhbXBsZS5vcmciLCJlbWFpbF9"
    "2ZXJpZmllZCI6dHJ1ZSwicHJlZmVycmVkX3VzZXJuYW1lIjoiYW5uIiwibmFtZSI6IkFubiBCIn0.E7_hWEQMtaJQC4YTG3NfrNz"
    "ELcLR_ox5lu25GD83bFtjwnaluxEww4p3OGUnqYnClVuXiOZWZGHmBbNml-_1ypHxpi7pSAUTCT13aNiAXJ_CqIgkxPrZVN9-ceM"
    "8i4eC5o6V0_1WcQRu70y5P8Onq7LUuktc6WaJUEPMurV6izkwuuhBjTUlakTpdCVjayzZO1Jy0vU6yKwm0jQVIhQA8xOgXtWspbi"
    "kIkJQ9XtOV2KQKtmxMwrg3N1wUcNFjTJBV6Plp7FikABvIa8RrREGMGTIltCoLBhfmqYpqeAHkJZLYBMxC8TRI9lQyNSp4bEHnsL"
    "MSBALhi8kMddgK-keGQ" },
    { "issuer_list",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOlsiaHR0cHM6Ly9zc28uZXhhbXBsZS5vcmciXSwiYXVkIjoiY2FiaW5"
    "ldCIsInN1YiI6InN1YmplY3QtMSIsImlhdCI6MTc5OTk5OTk5MCwiZXhwIjoxODAwMDAwMzAwLCJub25jZSI6InRoZSBub25jZSI"
    "sImVtYWlsIjoiYW5uQGV4YW1wbGUub3JnIiwiZW1haWxfdmVyaWZpZWQiOnRydWUsInByZWZlcnJlZF91c2VybmFtZSI6ImFubiI"
    "sIm5hbWUiOiJBbm4gQiJ9.mluO65IugQmK3qRckAAT9oXyHto6aJVL2ZAiRZn3ZRVfJsRi0WEVc5PerdafGd9muexirw2sJqXPbF"
    "wDsMuXX4XUAKrd3co7ZUHWeYdCGmjidBTB_HCiSnm5xtQkxy4JRjLX1TBrI3kkMF2zVOzg2XuL0uCkp2o_mVhRBIZhVK2-Yj6Ys_"
    "lVs8496SRcsK9inl5kx_oYeV9SXdYapw7GLcsDbdRoxnU0XZXxTdY_wVGWWBi-nLIAXFDOVdlfzeVGovNIVqmv_8O19DMDsK2Pay"
    "AGN00Gra0xMtAcYjwxA4Iu-_lHJPxGo3F2N_WGpmwvYeUMLcl8GlZ3NO6c5G7G2w" },
    { "audience",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6Im90aGVyIiw"
    "ic3ViIjoic3ViamVjdC0xIiwiaWF0IjoxNzk5OTk5OTkwLCJleHAiOjE4MDAwMDAzMDAsIm5vbmNlIjoidGhlIG5vbmNlIiwiZW1"
    "haWwiOiJhbm5AZXhhbXBsZS5vcmciLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwicHJlZmVycmVkX3VzZXJuYW1lIjoiYW5uIiwibmF"
    "tZSI6IkFubiBCIn0.qCRJoc2SrX18o9kVdmIxHu5l2WQqSqnrarxnAJ7xho5Vgl0A9xzzAWUYa_oZD0CfI61V4UtcgVaSKLKrgYS"
    "51O3ptULdvBYKhpaBXLepAU3NoX1M6YCphQew20yHuqGxHblAz68BNRV6BD5IgK19JoqnWvloxIXKoWIhsje-5c8bx2werrm7emh"
    "wRhrWIfIuRtivjqQT23FvIy0FCwc3DYi-VokrpPp-PjOOylHbCvBGnP92cH8Bl17HUIJSqm8LcQFQq-Z8auuzf7cpxBDuwYZl3gw"
    "a1qsItrN_iKcf117hPvKDSz0slVXnvgkyFi5haWj_7rkg05bEJZzdJ5ULsQ" },
    { "no_audience",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsInN1YiI6InN1YmplY3Q"
    "tMSIsImlhdCI6MTc5OTk5OTk5MCwiZXhwIjoxODAwMDAwMzAwLCJub25jZSI6InRoZSBub25jZSIsImVtYWlsIjoiYW5uQGV4YW1"
    "wbGUub3JnIiwiZW1haWxfdmVyaWZpZWQiOnRydWUsInByZWZlcnJlZF91c2VybmFtZSI6ImFubiIsIm5hbWUiOiJBbm4gQiJ9.YT"
    "g0_04_3DJwoapsYQ7I1b32W0AAOIx6y2tyMesXDbdYKGvDfK7d7umeXNOsjiubV9fkx4DpMrs-wuCL-Yncc8RGt6nQpf1xTwLhpr"
    "FMNC4pK5RaWXxjGDzOi9uYbSfRV0r4BxNdu4N54rHfmt0SpzZu0veSoxpX9csfRemEXIty9D6dsqeqkKdzBhUoStdbsQKXHb-5sL"
    "egIPpoX-JSb1V32DL1ctCZx1gKYE9OUkF01tx7qBmoZuHwlFveeuvfjUABWz0MGQXdwWJ74zuMJJqgsATuewxsYulfzjZsC0_ghb"
    "2ir1vPVNvb7ICmEo4xDM2NemDHefksmb5Kgkb-mw" },
    { "audiences",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6WyJjYWJpbmV"
    "0IiwieCJdLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9"
    "uY2UiLCJlbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJ"
    "hbm4iLCJuYW1lIjoiQW5uIEIifQ.ZOgEQw1H0QchhfzWqPGtFT7sEdH3zzF5108-L7VNmgB_lfEICiI7YVXEUucXWBJDPWC5EY6G"
    "bo0TtF_GKmpiGR-q2s0MbRKPaR52uz-aTTByb4K81JU6TRw0wm2iEutvu1OI8XHAdSV1K_2qfgLSiO5AjGXjGjWDV0uPnxFGFO81"
    "c3tVLFKtWnb8AdamJ1kaIjDUBKA8l4CD2-_FfldL6j8D0jdtGEKsVYhpakeM9MxlfHwI7BkusMKuEVWJkt9PIYZnb1H-Di3VNthf"
    "ShSORx7hyqMgWkJPi8VkqD28HPxplodWzBcrfkboreArUK3_rwezil4LJVmII3EsD3cmbw" },
    { "azp",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJ"
    "lbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJ"
    "uYW1lIjoiQW5uIEIiLCJhenAiOiJvdGhlciJ9.VvsEtCJovwbbDXF0vfYoHaJ5mcAM3Jy1eEtlPJkKdXguS3F6nvTU4vWXVYqYWB"
    "BuX40BkZmPBHv-x_3rfheZrQCqhJiW7NZSDMpp1_y8RHA8FfukBk87rhog--o3SfcGdatoZlB0z4p8PHwSCVNVsTsDl4n--LMbiS"
    "7L-Ui26e2YnuCEVlITXzTdQiExEveMUk0BnLopLtRuafwwG_dPAMo0FI9XyuZ8kxH_xNy3VzAm5JKMimfGz5aLcKzpc8i9_kEAua"
    "dHQfrzEQ8b2QtSSu1Cj3Lbwpw3SsfpRo1pdpGv8518LMxZQU6UedSTXpKciw1GBSN2LXdF_M3vueq9MQ" },
    { "empty_audience",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6W10sInN1YiI"
    "6InN1YmplY3QtMSIsImlhdCI6MTc5OTk5OTk5MCwiZXhwIjoxODAwMDAwMzAwLCJub25jZSI6InRoZSBub25jZSIsImVtYWlsIjo"
    "iYW5uQGV4YW1wbGUub3JnIiwiZW1haWxfdmVyaWZpZWQiOnRydWUsInByZWZlcnJlZF91c2VybmFtZSI6ImFubiIsIm5hbWUiOiJ"
    "Bbm4gQiJ9.GC8g3WVxa3FTG_pmEOasebpi_ksZV64mZqlRtd8vE_5GyFwVI7cSTBQCznyJlonVL1ZmQ6dPaNHa1TKsWr7gO4bJPh"
    "L93to5E-8pKf3-T8rQFnfQ-BULUKPGf4zWlSBaKyRhS-wSYbjx94nOhswwTBZqqnRBCFNCRWAtwvxm2hxZmkAKyioVzBMdf-goLk"
    "3zEaHol3P2n_k3O7PUuSYHQZkqGS4HnnZ6lL8ix-QOTWwPX2XkamQx43uMex8nhPfbtJY3zVgmSGcT1n36-e-MfelnNiJCcy-0uD"
    "VBvZV3URdjdh8_RhipFOiYCd5NFYW0h5hL1PcWBTE1xtuU0klVOw" },
    { "expired",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk3MDAsImV4cCI6MTc5OTk5OTkzOSwibm9uY2UiOiJ0aGUgbm9uY2UiLCJ"
    "lbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJ"
    "uYW1lIjoiQW5uIEIifQ.t9JTFxKmx8Oe9LGMLwELjA7UiMp_MqozHrAjAIKRejPc9GRYGcwMUE6DOj1dtLMUAD4GE6UNWG4CzTP-"
    "EndO2leJWsQMW1oqZjr0NY-Wp-1gxjXWb_gpqGGOKxd_FPOS2hURyMiEOjJazrYug5ZdC-szawwwACj9MsWH5TCjHDaPBbafr_4q"
    "En8lH214_Xb_ZTwFWT4SrbI2WxoGFQZhP8mLSgUE6WGyXfTIew14aCr4Yu1e4Yg1jK_tzF8QE1tIjhE_nvY-lHXzXIJxlKN85L8u"
    "RKlY3o7OQSxw4IwzBEZlpx61v_OCsx9CdSDwurPvCm7l-eBj49bhylkTzg3uRA" },
    { "no_exp",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsIm5vbmNlIjoidGhlIG5vbmNlIiwiZW1haWwiOiJhbm5AZXhhbXB"
    "sZS5vcmciLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwicHJlZmVycmVkX3VzZXJuYW1lIjoiYW5uIiwibmFtZSI6IkFubiBCIn0.gv0"
    "9ZcmBIaDGIt4k4XzF0XEYKohzDFOsNJzg2K082APkodUAiYlix6i3oZEbHLqX2LuCzEJMLdZC9QWR0vXYiVGlKEGMUxw7D55d-sM"
    "4vbsK12z5JHkco5g4Wa2DXTNSefvL5CxL_Cib9-YMSm9eFxJJqtF2nSvgJUrHayV9z9Ss5bmF5H6hLhgC2G_WEcJnXyumxmQ6fx1"
    "Pe9EpM0VQg4Y976h81eNK8yjoiLGRmJkX7rQGMLCRJ3FAHfkFMdD7lzBhdoJuNl68NUpHM7SLH5enkskB84xDhKr5aIWlFKV7UJq"
    "EBsvfFTldv1b1tpfzx9rCwLhSqajr3x3glTMdUQ" },
    { "no_iat",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJleHAiOjE4MDAwMDAzMDAsIm5vbmNlIjoidGhlIG5vbmNlIiwiZW1haWwiOiJhbm5AZXhhbXB"
    "sZS5vcmciLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwicHJlZmVycmVkX3VzZXJuYW1lIjoiYW5uIiwibmFtZSI6IkFubiBCIn0.Xug"
    "JBOTuXJpDBGHE97CplPplJqdLwvviVrVNI1Vc6EISk-9U8uHfF_M4FKoMkNTWmH1eAOGA3lXywHl6Venma9MnppjnDojYYovYwT0"
    "UpASOnOsYZDeOMOSW8WcB0DESxOxB0meWtNOHn5lpsvC3iMrUHUcZOMjisHXny1QYhnTLFdOnB-R6AYkG-w0e_XV-xHF8ovJnb5F"
    "Dz7j2TRwqdVLHNtqXCB4RNcDbtgIE_TiGzqyd2fVv7xNIJt0ryhi2-GA3tABXphUg1msiWvJmNXVODDUApOyYaqI6W-rvnbXB2Mm"
    "H3CWJ01ZriT733sUFgrFYb1Dz3VB0yoS3Dt84Jw" },
    { "text_exp",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6IjE4MDAwMDAzMDAiLCJub25jZSI6InRoZSBub25jZSI"
    "sImVtYWlsIjoiYW5uQGV4YW1wbGUub3JnIiwiZW1haWxfdmVyaWZpZWQiOnRydWUsInByZWZlcnJlZF91c2VybmFtZSI6ImFubiI"
    "sIm5hbWUiOiJBbm4gQiJ9.mPOc684SqpPa9OxI2LW_q3U3QbKpr-qWRVqz7huKUTnkWN-Ct4UfBxhU7yGc-yYN6O022LCOEdBgH8"
    "LnaJwcxqzjHSmwv7QU97mjMrc3_4W_ejTRea1EDvkZUIKANR7K9JGHSXk8vidowRw_GngzEUMxxZpGCq0TvUSWSi0QCQ-jWmbYzz"
    "BxGthG32xTLZviriVeDtnu1db6J_ut3vIbRFpMxOhq9DtKf15-YimtxQkOhe2DHcs3Y8pE_Xu9p2XZYfwLBqlSQEQNNb_9a2Fyl3"
    "70PAJIyPWASaUED4MmdytXaEZX0TPlpm00M75LIwYVpd4aF1z_gbMCKCJteeFZGw" },
    { "huge_exp",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MWUrMzAwLCJub25jZSI6InRoZSBub25jZSIsImVtYWl"
    "sIjoiYW5uQGV4YW1wbGUub3JnIiwiZW1haWxfdmVyaWZpZWQiOnRydWUsInByZWZlcnJlZF91c2VybmFtZSI6ImFubiIsIm5hbWU"
    "iOiJBbm4gQiJ9.G5nwhdfeKNyQIXkpYRe9ecDdVgcbAZ0OVZmmnm5Ir9Eeo9QyLHKp0bWB3l6KuQ31XsBGhOKXPng1S6TCmDv1q2"
    "l4Rd_U5O4WmykwVo21cCtPSZYL1MtU7iAPgod3wlKTMbvPltTUb86TMbxjF0D7mszVtLn0djCTWDj-Ebi9vg_7TVGrpxJZeSwTgR"
    "AaMUHpwHql2al1QIbVayxaZOYegikWbMf0MiLYmGZvHolBdbI7CfK5x6y8Mhq1phqMWpfGRvi1E9eTqWXJ-apTwlN7-Rs80nhJF8"
    "TZDntZd_7sIJIFSy5a4OVu8wtxgUKesjkyYcvpbxijApYTYGh5hkNq1Q" },
    { "negative",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOi01LCJleHAiOjE4MDAwMDAzMDAsIm5vbmNlIjoidGhlIG5vbmNlIiwiZW1haWwiOiJ"
    "hbm5AZXhhbXBsZS5vcmciLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwicHJlZmVycmVkX3VzZXJuYW1lIjoiYW5uIiwibmFtZSI6IkF"
    "ubiBCIn0.UqOC1WEtEVoI1O0LLTggmTd_c5l3k8LvTIopYrCzeCRQR_gPD9wd-DBYTpWLIWkrKvlFeM02hdEk4QzWtR5yp1fvysq"
    "6CkpFbsSQK36C3cF428x9SrFoSTd2hqmGpb73FHw6WGbpKPBuwvOGX_d4c7jWV89CjLyCpchhCELuPuF4GQXRI_-cS7_0cf8huGu"
    "WCk2wQFJqnz_UK8-U-Ikk3WWJCEiT5-UYyvLj3AbWQjJubyrGTDuh9BpuVQN2FSo_AUydI0NcTHrCevvRj5bkbf0iBtH-9Sivyd-"
    "Zl5wfbMQ3fk9eBE4owhqQUzukUHowlNHE7eLv0LpN0ylfkrxrpw" },
    { "early",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE4MDAwMDAwNjEsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJ"
    "lbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJ"
    "uYW1lIjoiQW5uIEIifQ.DFnxqBteDH3y78MVpemveAZdHdfWJrnNIS4xlv4LVtHfHoTPCI3WsKJSChrmSz28UP76ZqbhSv89rnC8"
    "NZPGEojH0EaljTfXDZGcKl--ziWzadxlaIx1m_L0uoJGrt-PTStXdo36kyz3VFyZ2qDfBgD4BfKOPUDkeRK-rwae5y6l9kgkjpv7"
    "k1SL9ytiFFYYe-Kl45DJY-dOpUSiaryafNDB30_OwqreQYcMmwzOz4BilxM2q2a_I7MqynL7k1AqQbS8rvtasA5PVJG1cbfcdqH0"
    "fEvFHGIj8nwK1NdMOtf9YHp16X186nSOaDkoR_KHpGD6XWwV0P7qCvG8dVfJ_w" },
    { "nbf",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJ"
    "lbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJ"
    "uYW1lIjoiQW5uIEIiLCJuYmYiOjE4MDAwMDAwNjF9.EVxv-l3PARqk_PCxwXD0Kyr8uSZvONfFUa5j4SS9X1im8ZFlZt3-VLYjUo"
    "ME7dLUx0pgJo0kL9RPU2u3Db3UGZdqNfja1tzfzDPcP93wGZmQxWcNZ1xpghNLOThFbIimS_NfHxXEs12poeSzT9wPXaiapfsqfC"
    "n6AErmJBlClftZPZyf6s6OcOd6x5AQ-FE-PZJS8CShGX98Ovu3EPkCzTW3F43rAFt69IVYXOjDX84dMe0qTjugbOo3vOP7BZsUIV"
    "Z_DHrsGy_ybuH7yglWyLz07uG1TgZb8vyDcyVMBWuNQPjrNRTQv6ANogRZFyuEm7vFwlSI1rvpl0pTw8HlfQ" },
    { "nonce",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJhbm90aGVyIiwiZW1"
    "haWwiOiJhbm5AZXhhbXBsZS5vcmciLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwicHJlZmVycmVkX3VzZXJuYW1lIjoiYW5uIiwibmF"
    "tZSI6IkFubiBCIn0.elIcqYxX3V1BLVfNEvGRUWMw-PpeP-qNeYVfnLFM12zoGXgi-DOchsSzdySqYOMs79uQ4HKoNr2gC56TyrD"
    "hA5eJxH3QLWcxky4RRsMkga_0-MV_clHuHUQNl3zhIruiTuA8RpTiU7XMQkBlARw43SFSoCwkfFUdoPnkkkaLjFBTUKLLTZX2RKH"
    "lPKADVZ4r5lkCI8ijsNe_EodZQbEO9sFg11m4f-EtGgGfukzapVSSHu-kJdCqrqbLpFGWb6rWXUGV26lYK9x2kKV1ABxJu0p9CLU"
    "U4ysnINXEEgESPv62spLSRZay-nNGsxrB3DPBSKKPjOTXEIgJhX0G3r798Q" },
    { "no_nonce",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwiZW1haWwiOiJhbm5AZXhhbXBsZS5"
    "vcmciLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwicHJlZmVycmVkX3VzZXJuYW1lIjoiYW5uIiwibmFtZSI6IkFubiBCIn0.dbLv1A3"
    "hzh0t7Ottv2W4ZEa0G86Ov_8zZe0JbVNnBYmM_sVh9cq12QNRjR7q5A-_GyjPHfW-qGl4neDDT6BkPTNeUvx9j70g94Ayb6_8LYb"
    "T_c1ewd6HVRyvzfOnKMb-re9bAh7FQLb8_qcIVHmXQ4TOLZeb_P5VkCe6syr4CIaSblgylbe__l3WwPfFrIullfA6x7YJkLxIIh6"
    "FDkoL4sCrZXbwWM71SJKcXURcMotogAEOUzii9iDIG9c65Dv18aJbirUUNyz2Qj6iRdSdWnw-8Khfb6SlVyL9QIvPDNXl9XPEuX1"
    "rPOUGRMVCOQHejy3fDGXQr7b1G5Js6i9nEw" },
    { "longer_nonce",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UgIiw"
    "iZW1haWwiOiJhbm5AZXhhbXBsZS5vcmciLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwicHJlZmVycmVkX3VzZXJuYW1lIjoiYW5uIiw"
    "ibmFtZSI6IkFubiBCIn0.ZVyg-2ATuWmAbtgZZtkqudn_oL4aqOYwip7Cu-740Ipk864958y0a8vxTevTMz_nR4n1omU35Dvuszc"
    "uIHYVXkf-8IFjGpTwLtOebBU9NoE2SUgFbHo1xDSxxZH5e2EyDAWd4yvS3L_xPVe-Wj_Q7ps271kXVmbATCMlvIr_gDQ9riHVeJQ"
    "PXZq6qFvj87FzTSm84RksM0BGn1bUZGRFNlvCU4ybn6jmwngkzoF51ItBnQyg8cAj_IYU5Cq_UGIFCgFo_xkq-RipZhJHLee1cAE"
    "uwKfSZCG4kQ2Kli93whTLYAhcgAhLjEeX38Ph4mbeu5WZOKB41SqV5QFISBhqag" },
    { "no_sub",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJlbWFpbCI6ImFubkBleGFtcGx"
    "lLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJuYW1lIjoiQW5uIEIifQ.JE4V"
    "NU7LHEP6vDwfS0hKoUjX2EP8z5kO2jr8GrNxF93g4so3kr91NOtr_MwS4EeoIEPGUmpjCKwsSn4DK04MJOqbnMY-mDrL9b9aK9lu"
    "Zn7JT7_xJ7WExOPm2m-A0WnQ-pTfmN92HBQ6aXTR9_QP_Vgkn09qV-NgBWLhbOK24_U28F10riwDT3majn0CjE8hhI6RxjEWJ9Pw"
    "bYQK1vvkFiCJRs21sbtBgOhVsnFiMERUE225HiIWmUpu23S5lazZH4qX2ytY92mJEaSnBLZs8O3O7MAmrkwNN1lmlHKw-F5mmhDi"
    "b_F_c8km5_ZRjDr21wakrp-xlHmTZq4WzjfoZg" },
    { "empty_sub",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiIiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJlbWFpbCI6ImF"
    "ubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJuYW1lIjoiQW5"
    "uIEIifQ.neEOaHLkZ2di2Aqb9NuMa44WRtRdC-RWTJTwMNwc8cG1TbtmNxQYwDQMTrG1RNG-cLNXzMQrjdKwTrVv05ybk1YyGbma"
    "Oz0lVTOFxka5yuPzdClNmn3bto1SToLiCDz2AA5iVUTvkefaq96cId8PPIu-OAhdiiKQuL_GBJ_9uqKZQa7myGOAqsEr0FnTJ9iq"
    "mUzEnU3jmF18cZDdC9mo0THQ-SSVWl8ADofZlWbKnKPr5xEWoZfQCLk3Kr_LDrdDBBPUoYfab7wJSMM3WxBZK859d6Nl-rvf9RDX"
    "MxeM53cS24cTNdvc-nwrvtIK1D3T2xvFP0Gmmh3w6IQYrl8NQg" },
    { "long_sub",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJ4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh"
    "4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh"
    "4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh"
    "4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4IiwiaWF0IjoxNzk5OTk5OTkwLCJleHAiOjE4MDAwMDAzMDA"
    "sIm5vbmNlIjoidGhlIG5vbmNlIiwiZW1haWwiOiJhbm5AZXhhbXBsZS5vcmciLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwicHJlZmV"
    "ycmVkX3VzZXJuYW1lIjoiYW5uIiwibmFtZSI6IkFubiBCIn0.F8hpRWyy4Z1tPX-26sJbvnZ4OjCFVOoZCLtBMXH4Q2Gw5cYkhkB"
    "ypC3VBNAKhqJY1THl1rd3vHFuypL5pBvalaBwkAKXu6tBWLIlk2Nw-gHXLy5iB1mSKJboykEtESbHpKzTdr3VyJW72tC74TkfI6m"
    "0POe1ZH9u_Oq1JbYb4YDO791ySV4LrCumYQ09FNRWmcWJnVSN9jR9ocw15XzmBCugg5YMHkqv_DQmI5TC8yP2D_gDiYOXRoGYnds"
    "M-t0cq2PUUdnoX1HjLaRVqneM-PEFCKok2ljrkDxhRJB3YTgk_uyHhiYC7AVhOdgHcZk0hTo7UP4MvmbsFuUxMK0B9g" },
    { "control_sub",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJhXG5iIiwiaWF0IjoxNzk5OTk5OTkwLCJleHAiOjE4MDAwMDAzMDAsIm5vbmNlIjoidGhlIG5vbmNlIiwiZW1haWw"
    "iOiJhbm5AZXhhbXBsZS5vcmciLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwicHJlZmVycmVkX3VzZXJuYW1lIjoiYW5uIiwibmFtZSI"
    "6IkFubiBCIn0.gLAdhxVeVWVgMyIyGNlGHiava-C-Voe7gxMf-nSQJSccPAab7yg_MwVkbPfS7DacaVJujghlWEdu0IR6rZ3p9sD"
    "jARBXEEnmJdk6cJzm04TyAHTwmT96hbPbb3Fi6I66F0OAkM3-m-qvqb57gUldQVMOEqNa4lzHblNKirPX4kALLRjvvvYsB6fD1mJ"
    "a980eEljIbr_GV23zi3bbzbudpzO_lq3g4116anSgrv8m4tyZQ4RoBtTj4cukXcjgp3pc3YOsIIGOdYaIAct3bhsEmwKP5PmaQwn"
    "404Nl4GQ1NfGJor3CobEjq-2KoFPQrLcQmeCVTtC5ER41Vpscjvvgvw" },
    { "unknown",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYS05In0.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmlu"
    "ZXQiLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2Ui"
    "LCJlbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4i"
    "LCJuYW1lIjoiQW5uIEIifQ.I1BgjJ44-vlZ_Jq1J0lqF1g_rtbgSHMeIqqtVsx6rmUz-saY9AK9FK4LN8EkSj9QAk8OQ_GsQDpgF"
    "fgdXoML526kA5gnxhT5V4Aj98ZP9r5OaYRg8fhSWjhxlTJA6zqs774_XStldzowVzWUNoLhnwzxZMQhus7GHR3D75Iy2vVqMdu3V"
    "SjsMgSpPpQpFJF-H-01kIKt9jIuABcJ-xM5QKQh22Nc-hVTgEI0slMVlnUECAefn1tGYdfXqgxCFqOHcTjl8EjM6Y65EduNkJuDt"
    "8yQdpljukclm15LHE3-f6iV_Lf15qw7fP7hgeurFrkk8kWEWrXoCGk4WRKLuy2usQ" },
    { "wrong_key",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJ"
    "lbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJ"
    "uYW1lIjoiQW5uIEIifQ.XfG99j3UGPL1eIJR7yognBvbRKEivyOjZ-O8GlUsIKyQmxvkybl0xbAQBqj0wZhatOoVkqrlZzwh3o2Q"
    "Lp25KxXggA9ZEjjWLAUrlIKE1NY-GlrlwzuGKJJqnQiSjXW6KA1nPvGd9XP_EQjmAukrqWHei30R1io6pBNhOdEvlqVv85nP3As5"
    "kmt-nu5du-vxbQlfNEBjKdc89nPJqtvPapNJCXYDKAht4r4sgGnMbHqrtl_B0F8NJKJhJuncLSAPXanGyNYCZwSVonHqePsXcgp9"
    "EOQkxWciVVZIXTSvDw_r7XoKLnAbPChBJZWpfKzhIiXFJy3dP0gqhSQLDVnx-Q" },
    { "kid_of_other_kind",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImVjIn0.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQi"
    "LCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJl"
    "bWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJu"
    "YW1lIjoiQW5uIEIifQ.MoPbBD_STI1tFzvX1RaZZ7aUzKbvJd1L6MZL9j9wQI8nZnXgFEZNokpt__8-XXfNkTz3znv-goPOYJ9eK"
    "vqrqOj6kO0xMni7JSJRVtLY0g8zayTy7UwW0KyQzSdAVKwcGp6xEvWTJ8zZa-WIwKQ8CPZQk2QZoOGJw4GFqj6uRintZLtdmdWlt"
    "C3JYtRAFJ1waEs1Pvn6yPmSvyqzPQmLduV_DyK0k3X004np6-jDowv_LHzkF8u25RS9w6zFrdoemyefe1mx8VX7TO4fRulGosm0M"
    "-rmJvorMPywvW4PRx2GRq193CMqElgaqEzvBXnxhAIF_giONtSq6bxbuVPYKA" },
    { "crit",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSIsImNyaXQiOlsiYjY0Il0sImI2NCI6dHJ1ZX0.eyJpc3MiOiJodHRwczovL3Nzby5l"
    "eGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQiLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAw"
    "MDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJlbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJw"
    "cmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJuYW1lIjoiQW5uIEIifQ.Do6fuMZ9XmpHGNcYS__SoIRkRUL4Znc1znA_Ip71iM6xU"
    "2OC2F3925pyKCQNenUm0KYep0AnQ1ZU-KkdTRNmxxHgiofgZnayoIJqbmkdLXWkL9WirZ98WGX-5NbxNwKbup5RhX8Jeu2VpRdSq"
    "CbXxMZXggtImrY5Po9tDRaXX-0yeXtORY7kDV76-ErU6pHzqM5B0uEp_-NNizkoXKvZFwtXq7MR-9-2Qwmbn4wcferUAIfdrMIHg"
    "PjbkKqHpcYYwHQSwJfy0bK_aBibKouUd7-7zTkYaOtByJPFJbxOLYPYbZbSPPE1E7buVdYcxE91Vww_B6RQXaOHdwlkMsPJKQ" },
    { "access_token",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSIsInR5cCI6ImF0K2p3dCJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyI"
    "sImF1ZCI6ImNhYmluZXQiLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2U"
    "iOiJ0aGUgbm9uY2UiLCJlbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXN"
    "lcm5hbWUiOiJhbm4iLCJuYW1lIjoiQW5uIEIifQ.Bh1v5KO_S-6CFMG2DIS_fs28tSvIGu5krvEDQk-U3QNfcRYZRWusxG6BZUD2"
    "P70qifx3F0S3ljexy57PVGWZdteBWe036KWotGJc2xzkcdrZ-Y3MNKpoQW8EIc8rR0snxMNZkmcDhC7kt6wKq_4sYdgOW-Fn28wk"
    "_igBvggOPQ-iFCMW7hgMu8SJENcfd2MPEBG78dZKW9gDHP0oi8YUu22zWlQYvRqqpZYZ4MJLbl9qgAklrtOSB7io0CkPN_GfPYmv"
    "V-OVExAkPypOoqiH4e4oxgmevOi9oHdlGVbwOKIGbls65TmsigUqxlnZSlWifqLv3OAO5rjWPf0Rim3gew" },
    { "none",
    "eyJhbGciOiJub25lIiwia2lkIjoicnNhIn0.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQi"
    "LCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJl"
    "bWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJu"
    "YW1lIjoiQW5uIEIifQ." },
    { "none_upper",
    "eyJhbGciOiJOb25lIn0.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQiLCJzdWIiOiJzdWJq"
    "ZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJlbWFpbCI6ImFubkBl"
    "eGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJuYW1lIjoiQW5uIEIi"
    "fQ." },
    { "hs256",
    "eyJhbGciOiJIUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJ"
    "lbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJ"
    "uYW1lIjoiQW5uIEIifQ.162MusTfRqXPxI9sVi2ybdXRFBFkPXs0Bo-2wxK_4gA" },
    { "rs512",
    "eyJhbGciOiJSUzUxMiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJ"
    "lbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJ"
    "uYW1lIjoiQW5uIEIifQ.H7aT2Rdl0zU63Tfom7G7Cm6Ba319Dq9rlcdMZX7yv21bxX2rQJ-nxKUJt0VTKVYe02PMb1KnAZT5Y_5v"
    "Vjz8pPA3fzD2gF4VvOzlu3Mn2yxQ5HG2-58lY3rFCZWoqNYUQi0Ie7sSyYztiRUkKQY4zXqyAbvf2USUfaAhmPw9teXBO4tlIJkH"
    "AXXJfVeq12IngbWv5lAWclXYQretBTJMl1R59LR0jvtsch845EcElRxCREy9uOgPbXYpUWMs1pwM1p5RfbXaJWh6JR_ipc1Z3t8s"
    "Qnzi4jHxLQyv3bkdP7GocwweB0_3h6WxvEAds-Pzcimxgvy9t4vQTZUoCrroaQ" },
    { "ps256",
    "eyJhbGciOiJQUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJ"
    "lbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJ"
    "uYW1lIjoiQW5uIEIifQ.IBGD0NDevHmxSJ1orcbU2mZanUNqK7SY8MPy_wEFA68Ans5PodSQd1-6wJ-6V2Xx7zA1h7hn83RZRX82"
    "t7K92r49FW6pFnvLIaLTYxrw_zZo8t6xXPW7K1kFnFZt3fLLw9dC9PfG_jWz4Lttz84FzCJF7hY44sHhFSZEzj9UO7S7IDgLpTdO"
    "uAwBXJhlLujvth4kayPhbPeo3EaxSvVOy-FRQ0VOEArvnXBCRVkmryPY2pYF8wOocYfAdxyYB9-R982rextsSdKx0ovMAPB-ZPsx"
    "ytIQRjONeKF9RnMCJ56G0b3j6frisnCS1vtv9FYA4aB3VNzWirajFbCchBLU5w" },
    { "twice",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJzdWIiOiJzb21lYm9keSIsImlzcyI6Imh0dHBzOi8vc3NvLmV4YW1wbGUub3J"
    "nIiwiYXVkIjoiY2FiaW5ldCIsInN1YiI6InN1YmplY3QtMSIsImlhdCI6MTc5OTk5OTk5MCwiZXhwIjoxODAwMDAwMzAwLCJub25"
    "jZSI6InRoZSBub25jZSIsImVtYWlsIjoiYW5uQGV4YW1wbGUub3JnIiwiZW1haWxfdmVyaWZpZWQiOnRydWUsInByZWZlcnJlZF9"
    "1c2VybmFtZSI6ImFubiIsIm5hbWUiOiJBbm4gQiJ9.gwFgRWsajZHlG5bh0c3F8s0_wNkQFDsUi6GZDyNLPqaHCPJSOGu7SEzb8d"
    "H7Yh82cUGjMDKniSpoS_O6ruCkc64FRYUNqsJ3pmL8m2_ddP5LbIZY8v-NFCvvYyXY52NBeEEWF7X1y28uNt1E3JTb0-rh9lZe9-"
    "72bBasyrI_N0Sw-klf-GVMizBzwVThJE5yicof7a_wZDeyYvNzFDskH9stzcU-zVJ-eRaWpLcfWhMFjXuNxKxK4McWdB_bvr4WZu"
    "ln_L9v6wY9uJ7NndIxn1EkH7Latu5_fN7F6G4r9VTecVtTsrbH6QVuMyXz_4kTOAnZsfIaHjk7xOL_ayhRCg" },
    { "list",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.WzFd.mGgdV1W6F5pOHzWDiWm373MtxiFxdx-tvfjMiHKPYKhyaZIbTH_I8mJgEw"
    "u30QQvymnKzFRTyjpWMjextjz7EXyrN3LwkRBZPn6w1DZ_OjcJG6I-H1LGJwaVuAnCGdsQQNEr-cjAu0piQ-henyavYbfYLgPaU_"
    "KP66GKM3zHWrNvLfIvRJVulFiVsHaohZPiAJ5xCrcE1vqFXnpOc-GqCkAOECnoMBXtfk1BW0eyNC7bPt7YUQBmKovDXYM1-UITzP"
    "aQRPDjYVIGGvlZbnXkbDAOyqeG3EeG-gIkletiaCH8mlWP543HxEOF7lHAa2ig-Lv7onh77lR1tJlC0r7IKA" },
    { "es256_der",
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjIn0.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQi"
    "LCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJl"
    "bWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJu"
    "YW1lIjoiQW5uIEIifQ.MEQCIAVHcCXUOzfU-zqJNPLQ2tXIbJ9ATDxrvJfLbmQHRcPBAiB0O0CenZQQ5AQD1PGSoZXnb_2wXF2vw"
    "cUHiXBL_dTiew" },
    { "es256_zero",
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjIn0.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQi"
    "LCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJl"
    "bWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJu"
    "YW1lIjoiQW5uIEIifQ.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAA" },
    { "es256_short",
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjIn0.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQi"
    "LCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJl"
    "bWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJu"
    "YW1lIjoiQW5uIEIifQ.BUdwJdQ7N9T7Ook08tDa1chsn0BMPGu8l8tuZAdFw8F0O0CenZQQ5AQD1PGSoZXnb_2wXF2vwcUHiXBL_"
    "dTi" },
    { "no_signature",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJ"
    "lbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJ"
    "uYW1lIjoiQW5uIEIifQ." },
    { "two_parts",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJ"
    "lbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJ"
    "uYW1lIjoiQW5uIEIifQ" },
    { "four_parts",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJ"
    "lbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJ"
    "uYW1lIjoiQW5uIEIifQ.vIU5dJCWlIeiYBa35ynXzFkGq_ThoXZ7WvMoXcjRgG5Qk2LpYS0B5dHxV2SctqkhLKhB2wTf33sVXccu"
    "g74P1Twuh9fc_acMLvy3zSBZ3Iq56WN3hkayZA_lUkgByGopm_grKgkyLCeVZb9jmB0FAJG3K8OvzHJPgnQmXI_6iKNFtshwa0FM"
    "jRt9lhg0KIY-lYVq6JTd1XESIcYh0Gs73RB2zmAH59CRNXGYcoeQo_-K6XdDRC4AXZ4FnRB2slJxK5PnrY825dvH3uB1iipFJR6v"
    "g0WF33wtAbhO-KC1O42Z-UTsU3MCSCe02daG5uWklG_OGl0E3LnEaXhIst4wHw.x" },
    { "changed",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTIiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJ"
    "lbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJ"
    "uYW1lIjoiQW5uIEIifQ.vIU5dJCWlIeiYBa35ynXzFkGq_ThoXZ7WvMoXcjRgG5Qk2LpYS0B5dHxV2SctqkhLKhB2wTf33sVXccu"
    "g74P1Twuh9fc_acMLvy3zSBZ3Iq56WN3hkayZA_lUkgByGopm_grKgkyLCeVZb9jmB0FAJG3K8OvzHJPgnQmXI_6iKNFtshwa0FM"
    "jRt9lhg0KIY-lYVq6JTd1XESIcYh0Gs73RB2zmAH59CRNXGYcoeQo_-K6XdDRC4AXZ4FnRB2slJxK5PnrY825dvH3uB1iipFJR6v"
    "g0WF33wtAbhO-KC1O42Z-UTsU3MCSCe02daG5uWklG_OGl0E3LnEaXhIst4wHw" },
    { "padded",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLm9yZyIsImF1ZCI6ImNhYmluZXQ"
    "iLCJzdWIiOiJzdWJqZWN0LTEiLCJpYXQiOjE3OTk5OTk5OTAsImV4cCI6MTgwMDAwMDMwMCwibm9uY2UiOiJ0aGUgbm9uY2UiLCJ"
    "lbWFpbCI6ImFubkBleGFtcGxlLm9yZyIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbm4iLCJ"
    "uYW1lIjoiQW5uIEIifQ.vIU5dJCWlIeiYBa35ynXzFkGq_ThoXZ7WvMoXcjRgG5Qk2LpYS0B5dHxV2SctqkhLKhB2wTf33sVXccu"
    "g74P1Twuh9fc_acMLvy3zSBZ3Iq56WN3hkayZA_lUkgByGopm_grKgkyLCeVZb9jmB0FAJG3K8OvzHJPgnQmXI_6iKNFtshwa0FM"
    "jRt9lhg0KIY-lYVq6JTd1XESIcYh0Gs73RB2zmAH59CRNXGYcoeQo_-K6XdDRC4AXZ4FnRB2slJxK5PnrY825dvH3uB1iipFJR6v"
    "g0WF33wtAbhO-KC1O42Z-UTsU3MCSCe02daG5uWklG_OGl0E3LnEaXhIst4wHw==" },
    { "empty",
    "" },
    { "dots",
    ".." },
    { 0 },
};

#endif
