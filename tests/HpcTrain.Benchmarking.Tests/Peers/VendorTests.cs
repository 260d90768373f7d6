using HpcTrain.Benchmarking.Peers;
using HpcTrain.Benchmarking.Workloads;
using HpcTrain.Collectives;
using HpcTrain.Kernels;
using HpcTrain.Mpi;

namespace HpcTrain.Benchmarking.Tests.Peers;

internal sealed class VendorTests
{
    private const string Rules = "OMPI_MCA_coll_tuned_use_dynamic_rules", AllReduce = "OMPI_MCA_coll_tuned_allreduce_algorithm";

    private static Workload Work(CollectiveKind collective, int ranks = 4, long bytes = 1 << 20) => new(collective, ranks, ElementType.F32, ReduceOp.Sum, 0, bytes, false);

    private static string Algorithm(Workload work, MpiFlavor flavor, params (string Name, string Value)[] variables) =>
        VendorAlgorithm.Of(work, flavor, isNonblocking: false, variables.ToDictionary(variable => variable.Name, variable => variable.Value));

    [TestCase("4", "ring")]
    [TestCase("ring", "ring")]
    [TestCase("recursive_doubling", "recursive-doubling")]
    [TestCase("0", "default")]
    [TestCase("ignore", "default")]
    [TestCase("", "default")]
    [TestCase("99", "99")]
    public void Open_mpis_forced_algorithms_are_named(string value, string name) =>
        Assert.That(Algorithm(Work(CollectiveKind.AllReduce), MpiFlavor.OpenMpi, (Rules, "1"), (AllReduce, value)), Is.EqualTo(name));

    [Test]
    public void Open_mpi_does_not_obey_without_its_second_switch()
    {
        Assert.That(Algorithm(Work(CollectiveKind.AllReduce), MpiFlavor.OpenMpi, (AllReduce, "ring")), Is.EqualTo("default"));
        Assert.That(Algorithm(Work(CollectiveKind.AllReduce), MpiFlavor.OpenMpi, (AllReduce, "ring"), (Rules, "0")), Is.EqualTo("default"));
        Assert.That(Algorithm(Work(CollectiveKind.AllReduce), MpiFlavor.OpenMpi, (AllReduce, "ring"), (Rules, "true")), Is.EqualTo("ring"));
    }

    [Test]
    public void An_algorithm_that_hands_over_is_named_by_what_runs()
    {
        Assert.That(Algorithm(Work(CollectiveKind.AllReduce, ranks: 4, bytes: 8), MpiFlavor.OpenMpi, (Rules, "1"), (AllReduce, "ring")), Is.EqualTo("recursive-doubling"));
        Assert.That(Algorithm(Work(CollectiveKind.AllReduce), MpiFlavor.OpenMpi, (Rules, "1"), (AllReduce, "segmented_ring")), Is.EqualTo("ring"), "no segments");
        Assert.That(Algorithm(Work(CollectiveKind.AllReduce), MpiFlavor.OpenMpi, (Rules, "1"), (AllReduce, "segmented_ring"), (AllReduce + "_segmentsize", "65536")),
            Is.EqualTo("segmented-ring"));
        Assert.That(Algorithm(Work(CollectiveKind.AllGather, ranks: 3), MpiFlavor.OpenMpi, (Rules, "1"), ("OMPI_MCA_coll_tuned_allgather_algorithm", "3")), Is.EqualTo("bruck"));
    }

    [Test]
    public void Every_collective_has_a_variable_of_its_own([Values] CollectiveKind collective)
    {
        string own = collective switch
        {
            CollectiveKind.ReduceScatter => "reduce_scatter_block",
            CollectiveKind.Broadcast => "bcast",
            CollectiveKind.AllToAll => "alltoall",
            _ => collective.Name(),
        };
        Assert.That(Algorithm(Work(collective), MpiFlavor.OpenMpi, (Rules, "1"), ($"OMPI_MCA_coll_tuned_{own}_algorithm", "1")), Is.Not.EqualTo("default"));
        Assert.That(Algorithm(Work(collective), MpiFlavor.Mpich, ($"MPIR_CVAR_{own.ToUpperInvariant()}_INTRA_ALGORITHM", "nb")), Is.EqualTo("nb"));
    }

    [Test]
    public void Mpichs_variables_are_those_of_the_calls_that_are_made()
    {
        var environment = new Dictionary<string, string>
        {
            ["MPIR_CVAR_ALLREDUCE_INTRA_ALGORITHM"] = "recursive_doubling",
            ["MPIR_CVAR_IALLREDUCE_INTRA_ALGORITHM"] = "tsp_ring",
        };
        Assert.That(VendorAlgorithm.Of(Work(CollectiveKind.AllReduce), MpiFlavor.Mpich, isNonblocking: false, environment), Is.EqualTo("recursive-doubling"));
        Assert.That(VendorAlgorithm.Of(Work(CollectiveKind.AllReduce), MpiFlavor.Mpich, isNonblocking: true, environment), Is.EqualTo("tsp-ring"));
        Assert.That(VendorAlgorithm.Of(Work(CollectiveKind.AllReduce), MpiFlavor.Mpich, false, new Dictionary<string, string> { ["MPIR_CVAR_ALLREDUCE_INTRA_ALGORITHM"] = "auto" }), Is.EqualTo("default"));
    }

    [TestCase(MpiFlavor.OpenMpi, "Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4, repo rev: v4.1.4, May 26, 2022", "Open MPI 4.1.4")]
    [TestCase(MpiFlavor.Mpich, "MPICH Version:\t4.0.2\nMPICH Release date:\tThu Apr  7 12:34:45 CDT 2022\n", "MPICH 4.0.2")]
    [TestCase(MpiFlavor.Mpich, "Intel(R) MPI Library 2021.10 for Linux* OS\n", "Intel MPI 2021.10")]
    public void Libraries_are_called_as_people_call_them(MpiFlavor flavor, string description, string name) =>
        Assert.That(new VendorLibrary(flavor, description, isYielding: false, new Dictionary<string, string>()).Name, Is.EqualTo(name));

    [Test]
    public void Settings_are_the_variables_that_change_the_librarys_collectives()
    {
        var environment = new Dictionary<string, string> { [Rules] = "1", ["MPIR_CVAR_DEVICE_COLLECTIVES"] = "none", ["HOME"] = "/root" };
        Assert.That(new VendorLibrary(MpiFlavor.OpenMpi, "", false, environment).Settings, Is.EqualTo(new Dictionary<string, string> { [Rules] = "1" }));
        Assert.That(new VendorLibrary(MpiFlavor.Mpich, "", false, environment).Settings.Keys, Is.EqualTo(new[] { "MPIR_CVAR_DEVICE_COLLECTIVES" }));
    }

    [Test]
    public void Mpi_does_not_reduce_halves_nor_average()
    {
        Workload work = Work(CollectiveKind.AllReduce);
        Assert.That(VendorCall.WhyNot(work), Is.Null);
        Assert.That(VendorCall.WhyNot(work with { Type = ElementType.BF16 }), Does.Contain("bf16"));
        Assert.That(VendorCall.WhyNot(work with { Op = ReduceOp.Avg }), Does.Contain("avg"));
        Assert.That(VendorCall.WhyNot(work with { Collective = CollectiveKind.AllGather, Type = ElementType.F16 }), Is.Null, "it moves them as bytes");
    }
}
