namespace HpcTrain.Mpi.Tests;

public class LibrarySearchTests
{
    private static readonly string[] OpenMpiFirst = ["libmpi.so.40", "libmpich.so.12", "libmpi.so.12", "libmpi_abi.so.1"];
    private static readonly string[] MpichFirst = ["libmpich.so.12", "libmpi.so.12", "libmpi.so.40", "libmpi_abi.so.1"];

    [Test]
    public void Without_a_hint_the_usual_names_are_tried() =>
        Assert.That(Names(""), Is.EqualTo(OpenMpiFirst));

    [TestCase("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=2")]
    [TestCase("SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=2 PMIX_RANK=0")]
    [TestCase("SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=2")]
    public void Open_mpi_s_launchers_put_open_mpi_first(string environment) =>
        Assert.That(Names(environment), Is.EqualTo(OpenMpiFirst));

    [TestCase("PMI_RANK=0 PMI_SIZE=2 MPI_LOCALRANKID=0")]
    [TestCase("SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=2 PMI_RANK=0 PMI_SIZE=2")]
    [TestCase("SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=2 PMI_FD=5")]
    public void Mpich_s_launchers_put_mpich_first(string environment) =>
        Assert.That(Names(environment), Is.EqualTo(MpichFirst));

    [Test]
    public void What_the_process_holds_comes_before_what_the_user_names()
    {
        var order = LibrarySearch.Order(LaunchContextTests.Parse("HPCTRAIN_MPI_LIB=/opt/mine.so"), LaunchContext.Detect(new Dictionary<string, string>()),
            ["/usr/lib/libc.so.6", "/usr/lib/libmpi_cxx.so.40", "/opt/mpich/libmpi.so.12.3", "/usr/lib/libopen-pal.so.40"], "/opt/option.so").ToList();
        Assert.That(order.Select(candidate => candidate.Name).Take(3), Is.EqualTo(new[] { "/opt/mpich/libmpi.so.12.3", "/opt/option.so", "/opt/mine.so" }));
        Assert.That(order.Select(candidate => candidate.Decisive), Is.EqualTo(new[] { true, true, true, false, false, false, false }));
        Assert.That(order.Skip(3).Select(candidate => candidate.Name), Is.EqualTo(OpenMpiFirst));
    }

    [Test]
    public void An_empty_variable_names_nothing() =>
        Assert.That(Names("HPCTRAIN_MPI_LIB="), Is.EqualTo(OpenMpiFirst));

    private static IEnumerable<string> Names(string environment)
    {
        var variables = LaunchContextTests.Parse(environment);
        return LibrarySearch.Order(variables, LaunchContext.Detect(variables), [], null).Select(candidate => candidate.Name);
    }
}
