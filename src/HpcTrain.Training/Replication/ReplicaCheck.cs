using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using HpcTrain.Mpi;

namespace HpcTrain.Training.Replication;

/// <summary>Finds what differs between replicas.</summary>
internal static class ReplicaCheck
{
    /// <summary>Checks that all ranks hold the same parameter bits; a collective call.</summary>
    /// <exception cref="TrainingException">They do not; the first parameter and rank that differ are named.</exception>
    public static void Equal(FlatModel model, Intracommunicator communicator)
    {
        var mine = new byte[model.Slots.Count * SHA256.HashSizeInBytes];
        for (var i = 0; i < model.Slots.Count; i++)
        {
            var slot = model.Slots[i];
            SHA256.HashData(
                MemoryMarshal.AsBytes(model.Values.Slice(slot.Offset, slot.Count)),
                mine.AsSpan(i * SHA256.HashSizeInBytes, SHA256.HashSizeInBytes));
        }

        var all = new byte[mine.Length * communicator.Size];
        communicator.AllGather<byte>(mine, all);
        for (var rank = 1; rank < communicator.Size; rank++)
        {
            var same = all.AsSpan(0, mine.Length).CommonPrefixLength(all.AsSpan(rank * mine.Length, mine.Length));
            if (same < mine.Length)
            {
                throw new TrainingException(
                    $"parameter {model.Slots[same / SHA256.HashSizeInBytes].Name} differs between rank 0 and rank {rank}: "
                    + "all ranks must start with the same model and take the same steps; check that nothing changes parameters on one rank only.");
            }
        }
    }

    /// <summary>Checks that all ranks have built the same model; a collective call.</summary>
    /// <exception cref="TrainingException">They have not; the first difference is named.</exception>
    public static void SameStructure(FlatModel model, Intracommunicator communicator)
    {
        var mine = Encoding.UTF8.GetBytes(string.Join('\n',
            model.Slots.Select(s => $"{s.Name} {s.ShapeText}")
                .Concat(model.OtherState.Select(o => $"{o.Name} [{string.Join(", ", o.Tensor.shape)}] {o.Tensor.dtype}"))));
        Span<int> length = [mine.Length];
        communicator.Broadcast(length, 0);
        var first = new byte[length[0]];
        if (communicator.Rank == 0)
        {
            mine.CopyTo(first, 0);
        }

        communicator.Broadcast<byte>(first, 0);
        Span<int> differ = [mine.AsSpan().SequenceEqual(first) ? int.MaxValue : communicator.Rank];
        communicator.AllReduce(differ, MpiOp.Min);
        if (differ[0] == int.MaxValue)
        {
            return;
        }

        // The first rank that differs shows its text to all, so that every rank fails with the same sentence.
        length[0] = mine.Length;
        communicator.Broadcast(length, differ[0]);
        var other = new byte[length[0]];
        if (communicator.Rank == differ[0])
        {
            mine.CopyTo(other, 0);
        }

        communicator.Broadcast<byte>(other, differ[0]);
        var (here, there) = (Encoding.UTF8.GetString(first).Split('\n'), Encoding.UTF8.GetString(other).Split('\n'));
        var line = Enumerable.Range(0, Math.Max(here.Length, there.Length)).First(i => here.ElementAtOrDefault(i) != there.ElementAtOrDefault(i));
        throw new TrainingException(
            $"rank {differ[0]} built another model than rank 0: where rank 0 has \"{here.ElementAtOrDefault(line) ?? "nothing"}\", "
            + $"rank {differ[0]} has \"{there.ElementAtOrDefault(line) ?? "nothing"}\"; build the same model on every rank.");
    }
}
