//! Addresses, and what is wrong with others.

use super::*;

fn parsed(text: &str) -> SparkAddress {
    text.parse().unwrap()
}

fn refused(text: &str) -> String {
    text.parse::<SparkAddress>().unwrap_err().to_string()
}

#[test]
fn servers_are_found() {
    for (text, server, scheme) in [
        ("sc://localhost", "localhost:15002", "http"),
        ("sc://localhost/", "localhost:15002", "http"),
        ("sc://spark.example.com:443/;use_ssl=true", "spark.example.com:443", "https"),
        ("sc://spark.example.com/;token=abc", "spark.example.com:15002", "https"),
        ("sc://127.0.0.1:7/;token=abc;use_ssl=False", "127.0.0.1:7", "http"),
        ("sc://[::1]:7", "[::1]:7", "http"),
        ("sc://[2001:db8::1]/;use_ssl=true;", "[2001:db8::1]:15002", "https"),
        ("sc://a-b_c:1", "a-b_c:1", "http"),
    ] {
        let address = parsed(text);
        assert_eq!((address.server().as_str(), address.scheme()), (server, scheme), "{text}");
    }
}

#[test]
fn parameters_are_read() {
    let address = parsed(
        "sc://x/;token=a%3Bb==;user_id=Jos%C3%A9;user_agent=etl;grpc_max_message_size=1048576;\
         session_id=550E8400-e29b-41d4-a716-446655440000;x-Databricks-cluster-id=0123;\
         grpc_keepalive_time_ms=1",
    );
    assert_eq!(address.token.as_deref(), Some("a;b=="));
    assert_eq!(address.user_id, "José");
    assert_eq!(address.user_agent, format!("etl {PROGRAM}"));
    assert_eq!(address.most_message_bytes, 1 << 20);
    assert_eq!(address.session_id.as_deref(), Some("550e8400-e29b-41d4-a716-446655440000"));
    assert_eq!(address.metadata, [("x-databricks-cluster-id".to_owned(), "0123".to_owned())]);
    assert!(parsed("sc://x").with_token("t".to_owned()).unwrap().uses_tls());
}

#[test]
fn what_is_wrong_is_said() {
    for (text, problem) in [
        ("localhost:15002", "the address does not begin with sc://"),
        ("SC://localhost", "the address does not begin with sc://"),
        ("sc://", "\"\" is not the name of a server"),
        ("sc:///;use_ssl=true", "\"\" is not the name of a server"),
        ("sc://user@host", "\"user@host\" is not the name of a server"),
        ("sc://host/path", "the address has the path \"path\""),
        ("sc://host/path/;token=abc", "the address has the path \"path/\""),
        ("sc://host;use_ssl=true", "the address needs a / before the first ;"),
        ("sc://host:0", "the port of \"host:0\" is not a number from 1 to 65535"),
        ("sc://host:65536", "the port of \"host:65536\" is not a number from 1 to 65535"),
        ("sc://host:", "the port of \"host:\" is not a number from 1 to 65535"),
        ("sc://::1", "an IPv6 address needs brackets"),
        ("sc://[::g]", "[::g] is not an IPv6 address"),
        ("sc://[::1]x", "the port of \"[::1]x\" is not a number from 1 to 65535"),
        ("sc://host/;use_ssl", "the address has a parameter without ="),
        ("sc://host/;use_ssl=1", "use_ssl is neither true nor false"),
        ("sc://host/;user_id=a;user_id=b", "the address has \"user_id\" twice"),
        ("sc://host/;session_id=1", "\"1\" is not a session_id"),
        ("sc://host/;grpc_max_message_size=0", "\"0\" is not a grpc_max_message_size"),
        ("sc://host/;a b=1", "the address has the parameter \"a b\", which cannot be sent"),
        ("sc://host/;grpc-timeout=1S", "the address has the parameter \"grpc-timeout\""),
        ("sc://host/;x=%0A", "the value of x is empty, or has a character"),
        ("sc://host/;x=%FF", "the value of x is not UTF-8 behind its %"),
        ("sc://host/;x=a?b", "the value of x has ? or #"),
        ("sc://host/;token=", "the value of token is empty"),
        ("sc://host/;token=abc;use_ssl=false", "the token would go to host:15002 without"),
    ] {
        let told = refused(text);
        assert!(told.starts_with(problem), "{text}: {told}");
    }
}

#[test]
fn the_token_is_never_shown() {
    for text in [
        "sc://host/;token=s3cr3t;use_ssl=false",
        "sc://host/;token=s3cr3t%0A",
        "sc://host/;token=s3cr3t?",
        "sc://host/;token=s3cr3t;token=s3cr3t",
        "sc://host/;s3cr3t",
        "sc://host;token=s3cr3t",
        "sc:/host/;token=s3cr3t",
        "sc://host/path;token=s3cr3t",
    ] {
        assert!(!refused(text).contains("s3cr3t"), "{text}");
    }
    assert!(!format!("{:?}", parsed("sc://host/;token=s3cr3t;x=s3cr3t")).contains("s3cr3t"));
}
