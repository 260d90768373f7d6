namespace HpcTrain.Cli.Info.Probes;

internal static class SlurmProbe
{
    public static SlurmReport Run()
    {
        var job = Job(Environment.GetEnvironmentVariable);
        if (ExternalProgram.Find("srun") is not { } srun)
            return new(false, null, null, job, "srun is not in PATH: start ranks with mpirun, or log in to a Slurm cluster");
        // "slurm-wlm 22.05.8" or "slurm 23.11.4"; answered without the controller.
        var version = ExternalProgram.Ask(srun, "--version")?.Trim().Split(' ')[^1];
        return new(true, version, srun, job, null);
    }

    internal static SlurmJobReport? Job(Func<string, string?> variable) =>
        variable("SLURM_JOB_ID") is { Length: > 0 } id
            ? new(id, variable("SLURM_JOB_NUM_NODES"), variable("SLURM_STEP_NUM_TASKS") ?? variable("SLURM_NTASKS"),
                // The batch script has SLURM_PROCID too, but only a step that srun started has its number of tasks.
                InStep: variable("SLURM_STEP_NUM_TASKS") is not null)
            : null;
}
