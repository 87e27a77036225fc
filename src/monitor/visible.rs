/// The numbers, as NVML counts, of the GPUs that CUDA shows to this process, in the order of `cuda:N`. `variable` is
/// `CUDA_VISIBLE_DEVICES`, which names GPUs by number or by the beginning of a UUID; the first name that fits none ends
/// the list, as CUDA has it. The order of numbers is that of the PCI bus, which is set for every process of ours.
pub(super) fn visible(variable: Option<&str>, uuids: &[String]) -> Vec<usize> {
    let Some(variable) = variable else { return (0..uuids.len()).collect() };
    let mut found = Vec::new();
    for name in variable.split(',').map(str::trim) {
        let by_number = name.parse().ok().filter(|number| *number < uuids.len());
        let begins = |uuid: &&String| name.starts_with("GPU-") && uuid.starts_with(name);
        let by_uuid = || uuids.iter().position(|uuid| begins(&uuid));
        match by_number.or_else(by_uuid) {
            Some(number) if !found.contains(&number) => found.push(number),
            _ => break,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_visible_gpus_are_those_that_cuda_counts() {
        let uuids = ["GPU-aa11", "GPU-bb22", "GPU-cc33"].map(String::from);
        let visible = |variable| visible(variable, &uuids);
        assert_eq!(visible(None), [0, 1, 2]);
        assert_eq!(visible(Some("2,0")), [2, 0]);
        assert_eq!(visible(Some("GPU-bb, 0")), [1, 0]);
        assert_eq!(visible(Some("1,7,0")), [1]);
        assert_eq!(visible(Some("-1")), [0; 0]);
        assert_eq!(visible(Some("")), [0; 0]);
        assert_eq!(visible(Some("MIG-bb22")), [0; 0]);
    }
}
