use assert_cmd::Command;

#[test]
fn an_unknown_command_is_refused_with_exit_code_2() {
    Command::cargo_bin("mien").unwrap().arg("tarin").assert().code(2);
}
