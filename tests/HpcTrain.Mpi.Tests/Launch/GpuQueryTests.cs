using HpcTrain.Testing;

namespace HpcTrain.Mpi.Tests;

public class GpuQueryTests
{
    private const string CrayVersion = "MPI VERSION    : CRAY MPICH version 8.1.25.17 (ANL base 3.4a2)";
    private const string MvapichVersion = "MVAPICH2 Version      :\t2.3.7";

    [TestCase(CrayVersion, "MPICH_GPU_SUPPORT_ENABLED=1", true, true)]
    [TestCase(CrayVersion, "MPICH_GPU_SUPPORT_ENABLED=0", false, false)]
    [TestCase(CrayVersion, "MV2_USE_CUDA=1", false, false)]
    [TestCase(MvapichVersion, "MV2_USE_CUDA=1", true, false)]
    [TestCase(MvapichVersion, "MV2_USE_ROCM=1", false, true)]
    [TestCase(MvapichVersion, "", false, false)]
    public void Some_libraries_are_turned_on_by_a_variable(string version, string environment, bool cuda, bool rocm)
    {
        MpiGpuSupport support = GpuQuery.ByVariable(version, LaunchContextTests.Parse(environment))!;
        Assert.That((support.Cuda, support.Rocm), Is.EqualTo((cuda, rocm)));
        Assert.That(support.Basis, Does.Contain(version == CrayVersion ? "MPICH_GPU_SUPPORT_ENABLED" : "MV2_USE_"));
    }

    [TestCase("Open MPI v4.1.4, package: Debian OpenMPI")]
    [TestCase("MPICH Version: 4.0.2")]
    public void The_others_are_asked(string version) =>
        Assert.That(GpuQuery.ByVariable(version, LaunchContextTests.Parse("MPICH_GPU_SUPPORT_ENABLED=1 MV2_USE_CUDA=1")), Is.Null);

    [TestCase("MPICH configure: --with-device=ch4:ucx --with-cuda=/opt/cuda", "", true, false)]
    [TestCase("MPICH configure: --with-hip=/opt/rocm --with-cuda=no", "", false, true)]
    [TestCase("MPICH configure: --with-device=ch4:ucx", "", false, false)]
    [TestCase("MPICH configure: --with-cuda=/opt/cuda", "MPIR_CVAR_ENABLE_GPU=0", false, false)]
    public void Mpich_s_description_says_how_it_was_configured(string version, string environment, bool cuda, bool rocm)
    {
        MpiGpuSupport support = GpuQuery.ByConfiguration(version, LaunchContextTests.Parse(environment));
        Assert.That((support.Cuda, support.Rocm), Is.EqualTo((cuda, rocm)));
    }

    [Test]
    public void A_library_that_is_not_initialised_answers_without_ending_the_process() =>
        Assert.That(MpiProbe.Run().Libraries.Select(library => library.Gpu.Basis), Is.Not.Empty.And.All.StartsWith("it"));

    [RankTest(2)]
    public void An_initialised_library_is_asked_by_its_own_function(Intracommunicator world)
    {
        MpiGpuSupport support = MpiEnvironment.Current!.Gpu;
        Assert.That(support.Basis, Is.AnyOf("MPIX_Query_cuda_support says so", "MPIX_GPU_query_support says so"));
        Assert.That(world.AllGather(support.IsAware ? 1 : 0).Distinct().Count(), Is.EqualTo(1));
    }
}
