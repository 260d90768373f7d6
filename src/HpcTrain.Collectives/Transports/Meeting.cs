using HpcTrain.Collectives.Execution;
using HpcTrain.Mpi;

namespace HpcTrain.Collectives;

/// <summary>
/// Before MPI frees what belongs to several ranks it waits for all of them. After a failure some may never come, and the rank would hang while its error is on
/// its way to the user: so ranks meet first, and where they do not, nothing is freed.
/// </summary>
internal sealed class Meeting(Intracommunicator ranks)
{
    private static readonly TimeSpan s_limitAfterFailure = TimeSpan.FromSeconds(3);

    private bool _isGivenUp;

    /// <summary>Whether ranks may be missing.</summary>
    public bool HasFailed { get; set; }

    /// <summary>Waits for all ranks; after a failure not for long, and once only.</summary>
    /// <returns>Whether they have come.</returns>
    public bool AllCome()
    {
        if (_isGivenUp)
            return false;
        if (MpiEnvironment.Current == null)
            return true;
        Request barrier = ranks.ImmediateBarrier();
        var patience = new Patience(HasFailed ? s_limitAfterFailure : TimeSpan.MaxValue, ownCore: false);
        while (!barrier.Test())
        {
            if (!patience.Wait())
                return !(_isGivenUp = true);
        }

        return true;
    }
}
