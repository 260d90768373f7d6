namespace HpcTrain.Slurm;

/// <summary>Whether an option of sbatch has a value.</summary>
internal enum OptionValue
{
    /// <summary>Never.</summary>
    None,

    /// <summary>It may have one.</summary>
    Optional,

    /// <summary>Always.</summary>
    Required,
}

/// <summary>
/// The options of sbatch by their long names, of Slurm 22.05 to 24.11: those of <c>sbatch --help</c> and its manual page. What a given cluster's Slurm does not know
/// yet, or no more, sbatch itself refuses.
/// </summary>
internal static class SbatchOptions
{
    /// <summary>Name without dashes, and whether it has a value.</summary>
    public static IReadOnlyDictionary<string, OptionValue> All { get; } =
        Names("contiguous hold ignore-pbs no-requeue overcommit parsable quiet reboot requeue spread-job test-only use-min-nodes "
            + "verbose wait help usage version", OptionValue.None)
        .Concat(Names("exclusive get-user-env nice no-kill oversubscribe propagate resv-ports", OptionValue.Optional))
        .Concat(Names("account acctg-freq array batch bb bbf begin chdir cluster-constraint clusters comment constraint container container-id core-spec cores-per-socket "
            + "cpu-freq cpus-per-gpu cpus-per-task deadline delay-boot dependency distribution error exclude export export-file extra extra-node-info gid gpu-bind gpu-freq gpus "
            + "gpus-per-node gpus-per-socket gpus-per-task gres gres-flags hint input job-name kill-on-invalid-dep licenses mail-type mail-user mcs-label mem mem-bind mem-per-cpu "
            + "mem-per-gpu mincpus network nodefile nodelist nodes ntasks ntasks-per-core ntasks-per-gpu ntasks-per-node ntasks-per-socket oom-kill-step open-mode output partition power "
            + "prefer priority profile qos reservation segment signal sockets-per-node switches thread-spec threads-per-core time time-min tmp tres-bind tres-per-job tres-per-node tres-per-socket "
            + "tres-per-task uid wait-all-nodes wckey wrap", OptionValue.Required))
        .ToDictionary();

    private static IEnumerable<KeyValuePair<string, OptionValue>> Names(string names, OptionValue kind) => names.Split(' ').Select(name => KeyValuePair.Create(name, kind));
}
