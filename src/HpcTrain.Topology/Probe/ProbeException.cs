using HpcTrain.Mpi;

namespace HpcTrain.Topology;

/// <summary>A probe that did not go on: the message names the pair of ranks, or the meeting, that was waited for in vain.</summary>
public sealed class ProbeException : Exception, IRankFailure
{
    /// <summary>A wait that lasted too long.</summary>
    public ProbeException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public int ExitCode => MpiExitCodes.Stalled;
}
