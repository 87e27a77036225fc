mod bad_input;
mod lifecycle;
