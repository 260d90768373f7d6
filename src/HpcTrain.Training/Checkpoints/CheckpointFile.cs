using System.Text.Json;
using HpcTrain.Mpi;

namespace HpcTrain.Training.Checkpoints;

/// <summary>One file of a checkpoint.</summary>
/// <param name="Name">Its name in the checkpoint's folder.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its SHA-256 in hexadecimal digits.</param>
public sealed record CheckpointFile(string Name, long Bytes, string Sha256)
{
    /// <summary>The files of all ranks, by rank; a collective call.</summary>
    public static IReadOnlyList<CheckpointFile> GatherAll(Intracommunicator communicator, IReadOnlyList<CheckpointFile> mine)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes([.. mine], CheckpointJson.Default.CheckpointFileArray);
        var lengths = new int[communicator.Size];
        communicator.AllGather<int>([text.Length], lengths);
        var longest = lengths.Max();
        var padded = new byte[longest];
        text.CopyTo(padded, 0);
        var all = new byte[longest * communicator.Size];
        communicator.AllGather<byte>(padded, all);
        return [.. lengths.SelectMany((length, rank) =>
            JsonSerializer.Deserialize(all.AsSpan(rank * longest, length), CheckpointJson.Default.CheckpointFileArray)!)];
    }
}
