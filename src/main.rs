fn main() -> std::process::ExitCode {
    mien::cli::main()
}
