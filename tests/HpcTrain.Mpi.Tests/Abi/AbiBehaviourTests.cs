using HpcTrain.Testing;

namespace HpcTrain.Mpi.Tests;

/// <summary>What cannot be read from a library without its header shows in what it does.</summary>
public unsafe class AbiBehaviourTests
{
    [RankTest(1)]
    public void The_library_agrees_about_the_size_of_every_element_type()
    {
        foreach (var type in Enum.GetValues<MpiDatatype>())
        {
            long size;
            Assert.That(MpiCalls.TypeSize(MpiCalls.Abi.Handle(type), &size), Is.Zero);
            Assert.That(size, Is.EqualTo(type.SizeInBytes()), type.ToString());
        }
    }

    [RankTest(1)]
    public void Every_operation_computes_what_its_name_says()
    {
        var expected = new Dictionary<MpiOp, int>
        {
            [MpiOp.Sum] = 6 + 3,
            [MpiOp.Min] = 3,
            [MpiOp.Max] = 6,
            [MpiOp.Prod] = 18,
            [MpiOp.BitwiseAnd] = 6 & 3,
            [MpiOp.BitwiseOr] = 6 | 3,
            [MpiOp.BitwiseXor] = 6 ^ 3,
            [MpiOp.LogicalAnd] = 1,
            [MpiOp.LogicalOr] = 1,
            [MpiOp.LogicalXor] = 0,
        };
        foreach (var op in Enum.GetValues<MpiOp>())
        {
            int source = 6, destination = 3;
            var code = MpiCalls.ReduceLocal(&source, &destination, 1, MpiCalls.Abi.Handle(MpiDatatype.Int32), MpiCalls.Abi.Handle(op));
            Assert.That((code, destination), Is.EqualTo((0, expected[op])), op.ToString());
        }
    }

    [RankTest(1)]
    public void Freed_objects_leave_the_null_handles_of_the_table()
    {
        nint communicator = 0, type = 0, op = 0, info = 0, request = 0;
        _ = MpiCalls.CommDup(MpiCalls.Abi[MpiHandle.CommSelf], &communicator);
        _ = MpiCalls.TypeContiguous(2, MpiCalls.Abi[MpiHandle.Byte], &type);
        _ = MpiCalls.InfoCreate(&info);
        _ = MpiCalls.Ibarrier(communicator, &request);
        Status status;
        _ = MpiCalls.Wait(&request, &status);
        _ = MpiCalls.CommFree(&communicator);
        _ = MpiCalls.TypeFree(&type);
        _ = MpiCalls.InfoFree(&info);
        _ = MpiCalls.OpCreate(&Nothing, 1, &op);
        _ = MpiCalls.OpFree(&op);
        var abi = MpiCalls.Abi;
        Assert.That((communicator, type, info, request, op), Is.EqualTo((abi[MpiHandle.CommNull], abi[MpiHandle.DatatypeNull],
            abi[MpiHandle.InfoNull], abi[MpiHandle.RequestNull], abi[MpiHandle.OpNull])));
    }

    [RankTest(1)]
    public void A_freed_window_leaves_the_null_handle_and_a_joinless_split_the_null_communicator()
    {
        nint window = 0, communicator = 0, address = 0;
        var self = MpiCalls.Abi[MpiHandle.CommSelf];
        Assert.That(MpiCalls.WinAllocateShared(64, 1, MpiCalls.Abi[MpiHandle.InfoNull], self, &address, &window), Is.Zero);
        Assert.That(MpiCalls.WinFree(&window), Is.Zero);
        Assert.That(window, Is.EqualTo(MpiCalls.Abi[MpiHandle.WinNull]));
        Assert.That(MpiCalls.CommSplit(self, MpiCalls.Abi.Undefined, 0, &communicator), Is.Zero);
        Assert.That(communicator, Is.EqualTo(MpiCalls.Abi[MpiHandle.CommNull]));
    }

    [RankTest(1)]
    public void The_error_handlers_of_the_table_are_the_librarys(Intracommunicator world)
    {
        // World, self and every duplicate were given ERRORS_RETURN; a new group is empty when made of no ranks.
        var get = (delegate* unmanaged<nint, nint*, int>)MpiLibrary.Active!.Export("MPI_Comm_get_errhandler");
        nint handler = 0;
        Assert.That(get(world.Handle, &handler), Is.Zero);
        Assert.That(handler, Is.EqualTo(MpiCalls.Abi[MpiHandle.ErrorsReturn]));

        nint window = 0, address = 0;
        Assert.That(MpiCalls.WinAllocateShared(64, 1, MpiCalls.Abi[MpiHandle.InfoNull], world.Handle, &address, &window), Is.Zero);
        var getOfWindow = (delegate* unmanaged<nint, nint*, int>)MpiLibrary.Active.Export("MPI_Win_get_errhandler");
        handler = 0;
        Assert.That(getOfWindow(window, &handler), Is.Zero);
        Assert.That(handler, Is.EqualTo(MpiCalls.Abi[MpiHandle.ErrorsFatal]), "a window's handler is fatal until set");
        _ = MpiCalls.WinFree(&window);
    }

    [RankTest(1)]
    public void The_groups_of_the_table_are_the_librarys(Intracommunicator world)
    {
        var groupOf = (delegate* unmanaged<nint, nint*, int>)MpiLibrary.Active!.Export("MPI_Comm_group");
        var include = (delegate* unmanaged<nint, int, int*, nint*, int>)MpiLibrary.Active.Export("MPI_Group_incl");
        var free = (delegate* unmanaged<nint*, int>)MpiLibrary.Active.Export("MPI_Group_free");
        nint group = 0, empty = 0;
        _ = groupOf(world.Handle, &group);
        _ = include(group, 0, null, &empty);
        Assert.That(empty, Is.EqualTo(MpiCalls.Abi[MpiHandle.GroupEmpty]));
        _ = free(&group);
        Assert.That(group, Is.EqualTo(MpiCalls.Abi[MpiHandle.GroupNull]));
    }

    [RankTest(1)]
    public void The_granted_thread_level_is_what_the_library_says()
    {
        var query = (delegate* unmanaged<int*, int>)MpiLibrary.Active!.Export("MPI_Query_thread");
        int level;
        Assert.That(query(&level), Is.Zero);
        Assert.That(MpiCalls.Abi.Value(MpiEnvironment.Current!.ThreadLevel), Is.EqualTo(level));
    }

    [RankTest(2)]
    public void The_process_that_is_nobody_answers_at_once(Intracommunicator world)
    {
        world.Send(1, Communicator.ProcessNull, 3);
        int untouched = 5;
        var status = world.Receive(&untouched, 1, MpiDatatype.Int32, Communicator.ProcessNull, 3);
        Assert.That((untouched, status.Source, status.Tag, status.Count<int>()),
            Is.EqualTo((5, Communicator.ProcessNull, Communicator.AnyTag, 0L)));
    }

    [RankTest(2)]
    public void The_tag_bound_is_found_and_a_tag_of_that_size_travels(Intracommunicator world)
    {
        Assert.That(world.MaxTag, Is.GreaterThanOrEqualTo(32767));
        var peer = 1 - world.Rank;
        Span<int> incoming = [0];
        var status = world.SendReceive([world.Rank], peer, incoming, peer, world.MaxTag);
        Assert.That((incoming[0], status.Source, status.Tag), Is.EqualTo((peer, peer, world.MaxTag)));
    }

    [System.Runtime.InteropServices.UnmanagedCallersOnly]
    private static void Nothing(void* from, void* to, int* length, void* type)
    {
    }
}
