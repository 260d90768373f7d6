namespace HpcTrain.Topology;

/// <summary>A topology that cannot be read, or of which something is asked that it cannot give. The message is one sentence for the user.</summary>
public sealed class TopologyException : Exception
{
    /// <summary>An error about a topology as a whole.</summary>
    public TopologyException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a cause.</summary>
    public TopologyException(string message, Exception cause)
        : base(message, cause)
    {
    }

    /// <summary>An error at a line of a file, which begins the message: <c>cluster.json, line 12: ...</c>.</summary>
    public TopologyException(string file, long line, string message)
        : base($"{file}, line {line}: {message}")
    {
    }
}
