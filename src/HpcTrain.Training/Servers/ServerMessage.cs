using System.Runtime.InteropServices;

namespace HpcTrain.Training.Servers;

/// <summary>What a message between parameter servers and their clients says.</summary>
internal enum MessageKind
{
    /// <summary>A client's gradients of one step for a server's shard; without payload where it had no samples.</summary>
    Push,

    /// <summary>A server's parameters, in answer to a push: the client may go on.</summary>
    Values,

    /// <summary>Between the servers of one shard in different super nodes: this one's sum of a part of it.</summary>
    Part,

    /// <summary>Between these: a part's sum over all super nodes.</summary>
    Sum,

    /// <summary>A client asks for rows of a table.</summary>
    PullRows,

    /// <summary>The rows, in answer.</summary>
    Rows,

    /// <summary>A client's gradients of rows.</summary>
    PushRows,

    /// <summary>They have been taken.</summary>
    RowsTaken,

    /// <summary>The sender will push nothing more before all have settled.</summary>
    Settled,
}

/// <summary>The head of a message, as it travels: 64 bytes, in the byte order of the machine, which is that of all ranks. A payload of <see cref="PayloadBytes"/> follows as a message of its own.</summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct ServerMessage
{
    /// <summary>Its length.</summary>
    public const int Bytes = 64;

    /// <summary>What it says.</summary>
    public MessageKind Kind;

    /// <summary>The table that rows are of; or the super node that a part is from.</summary>
    public int Table;

    /// <summary>Rows.</summary>
    public int Rows;

    /// <summary>Length of the payload in bytes; 0: none follows.</summary>
    public int PayloadBytes;

    /// <summary>The client's step, from 1; of an answer that of the push.</summary>
    public long Step;

    /// <summary>The learning rate of a push.</summary>
    public double Rate;

    /// <summary>The client's share of the samples of the step.</summary>
    public double Share;
}
