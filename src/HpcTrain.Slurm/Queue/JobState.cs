namespace HpcTrain.Slurm;

/// <summary>Where a job, or a task of a job array, is.</summary>
/// <param name="Id">As Slurm writes it: <c>17</c>, or <c>17_3</c> for a task, or <c>17_[4-9]</c> for those that wait.</param>
/// <param name="State">Slurm's word: <c>PENDING</c>, <c>RUNNING</c>, <c>COMPLETED</c> ...</param>
/// <param name="Reason">Why it waits, or how it ended, in Slurm's word; empty if there is nothing to say.</param>
/// <param name="Elapsed">How long it has run, as Slurm writes it.</param>
/// <param name="Nodes">Its nodes; empty while it waits.</param>
/// <param name="ExitCode">Its exit code once it has ended, 128 plus the number for a signal; null before, or if Slurm does not say.</param>
public sealed record JobState(string Id, string State, string Reason, string Elapsed, string Nodes, int? ExitCode)
{
    /// <summary>What Slurm no longer knows: it forgets jobs some time after their end.</summary>
    public const string Forgotten = "FORGOTTEN";

    private static readonly string[] s_live =
        ["PENDING", "RUNNING", "SUSPENDED", "CONFIGURING", "COMPLETING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT", "RESIZING", "SIGNALING", "STAGE_OUT", "STOPPED", "RESV_DEL_HOLD"];

    /// <summary>Whether it will never run again.</summary>
    public bool HasEnded => !s_live.Contains(State);

    /// <summary>Whether it ended as planned.</summary>
    public bool HasSucceeded => State == "COMPLETED";
}
