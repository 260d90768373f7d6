using System.Collections.Immutable;

namespace HpcTrain.Topology.Tests;

/// <summary>
/// A connected allocation of 3 to 8 GPUs of a DGX-1, one of each class up to isomorphism, and its optima in links of one direction. They were worked out apart from
/// this code: lambda and the allgather from all cuts, tau from all partitions, rings from all sets of Hamiltonian cycles.
/// </summary>
/// <param name="Machine">V or P.</param>
/// <param name="Gpus">The GPUs, a digit each.</param>
/// <param name="Lambda">The broadcast.</param>
/// <param name="Tau">The allreduce by spanning trees.</param>
/// <param name="AllGather">The allgather.</param>
/// <param name="Rings">The directed rings of NCCL 2.4.2.</param>
/// <param name="EffectiveRings">The same in links, where they were found in doubled ones.</param>
internal sealed record Dgx1Class(string Machine, string Gpus, int Lambda, string Tau, string AllGather, int Rings, string EffectiveRings)
{
    public static readonly ImmutableArray<Dgx1Class> All =
    [
        new("V", "012", 2, "2", "3", 2, "2"),
        new("V", "014", 1, "1", "3/2", 0, "0"),
        new("V", "023", 3, "5/2", "9/2", 2, "2"),
        new("V", "026", 1, "1", "3/2", 0, "0"),
        new("V", "034", 2, "2", "3", 0, "0"),
        new("V", "0123", 4, "3", "16/3", 4, "4"),
        new("V", "0124", 2, "2", "8/3", 0, "0"),
        new("V", "0125", 2, "2", "8/3", 0, "0"),
        new("V", "0126", 1, "1", "4/3", 0, "0"),
        new("V", "0145", 2, "2", "4", 2, "2"),
        new("V", "0146", 1, "1", "4/3", 0, "0"),
        new("V", "0147", 1, "1", "4/3", 0, "0"),
        new("V", "0234", 2, "2", "8/3", 0, "0"),
        new("V", "0236", 1, "1", "4/3", 0, "0"),
        new("V", "0237", 1, "1", "4/3", 0, "0"),
        new("V", "0246", 2, "3/2", "8/3", 2, "2"),
        new("V", "0256", 1, "1", "4/3", 0, "0"),
        new("V", "0347", 3, "7/3", "4", 2, "2"),
        new("V", "0367", 1, "1", "2", 0, "0"),
        new("V", "01234", 2, "2", "5/2", 0, "0"),
        new("V", "01236", 1, "1", "5/4", 0, "0"),
        new("V", "01245", 3, "9/4", "15/4", 2, "2"),
        new("V", "01246", 2, "2", "5/2", 2, "2"),
        new("V", "01247", 2, "2", "5/2", 0, "0"),
        new("V", "01256", 2, "2", "5/2", 2, "2"),
        new("V", "01257", 1, "1", "5/4", 0, "0"),
        new("V", "01267", 1, "1", "5/3", 0, "0"),
        new("V", "01467", 1, "1", "5/4", 0, "0"),
        new("V", "02346", 2, "2", "5/2", 2, "2"),
        new("V", "02347", 3, "5/2", "15/4", 2, "2"),
        new("V", "02356", 1, "1", "5/3", 0, "0"),
        new("V", "02357", 1, "1", "5/4", 0, "0"),
        new("V", "02367", 2, "2", "10/3", 2, "2"),
        new("V", "012345", 3, "5/2", "18/5", 2, "2"),
        new("V", "012346", 2, "2", "12/5", 2, "2"),
        new("V", "012347", 3, "5/2", "18/5", 2, "2"),
        new("V", "012367", 2, "2", "3", 2, "2"),
        new("V", "012456", 4, "13/5", "24/5", 4, "4"),
        new("V", "012457", 3, "12/5", "18/5", 2, "2"),
        new("V", "012467", 3, "7/3", "18/5", 2, "2"),
        new("V", "012567", 2, "2", "12/5", 2, "2"),
        new("V", "023467", 4, "14/5", "24/5", 4, "4"),
        new("V", "023567", 2, "2", "18/5", 2, "2"),
        new("V", "0123456", 4, "3", "14/3", 4, "4"),
        new("V", "0123467", 4, "3", "14/3", 4, "4"),
        new("V", "01234567", 6, "24/7", "48/7", 6, "6"),
        new("P", "012", 2, "3/2", "3", 2, "2"),
        new("P", "014", 1, "1", "3/2", 0, "0"),
        new("P", "0123", 3, "2", "4", 2, "3"),
        new("P", "0124", 1, "1", "4/3", 0, "0"),
        new("P", "0145", 2, "4/3", "8/3", 2, "2"),
        new("P", "0146", 1, "1", "4/3", 0, "0"),
        new("P", "01234", 1, "1", "5/4", 0, "0"),
        new("P", "01245", 2, "3/2", "5/2", 2, "2"),
        new("P", "01247", 1, "1", "5/4", 0, "0"),
        new("P", "012345", 2, "3/2", "12/5", 2, "2"),
        new("P", "012456", 3, "9/5", "18/5", 2, "2"),
        new("P", "012457", 2, "8/5", "12/5", 2, "2"),
        new("P", "0123456", 3, "2", "7/2", 2, "2"),
        new("P", "01234567", 4, "16/7", "32/7", 4, "4"),
    ];

    /// <summary>The links among its GPUs; NVLink has 25 GB/s in a DGX-1V, here 1.</summary>
    public LinkGraph Graph => (Machine == "V" ? Graphs.Dgx1V() : Graphs.Dgx1P()).Allocate([.. Gpus.Select(digit => digit - '0')]);

    public override string ToString() => $"DGX-1{Machine} {Gpus}";
}
