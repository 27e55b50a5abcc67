using SmolLM3.Inference.Managed;

namespace SmolLM3.Inference.Tests.Managed;

public sealed class WorkerPoolTests
{
    public static TheoryData<int> WorkerCounts => [1, 2, 3, 8];

    [Theory]
    [MemberData(nameof(WorkerCounts))]
    public void Every_part_is_done_once_and_before_run_returns(int workers)
    {
        using WorkerPool pool = new(workers);
        for (int round = 0; round < 300; round++)
        {
            CountingWork work = new(parts: round % 23);
            pool.Run(work, round % 23);
            Assert.All(work.Counts, count => Assert.Equal(1, count));
        }
    }

    [Fact]
    public void Scratch_of_one_worker_is_never_used_by_two_parts_at_once()
    {
        using WorkerPool pool = new(4);
        OwnershipWork work = new(4);
        for (int round = 0; round < 100; round++)
        {
            pool.Run(work, 50);
        }

        Assert.Equal(0, work.Clashes);
    }

    [Theory]
    [MemberData(nameof(WorkerCounts))]
    public void A_failure_in_any_part_reaches_the_caller_and_the_pool_goes_on(int workers)
    {
        using WorkerPool pool = new(workers);
        for (int bad = 0; bad < 10; bad++)
        {
            InvalidTimeZoneException failure =
                Assert.Throws<InvalidTimeZoneException>(() => pool.Run(new FailingWork(bad), 10));
            Assert.Equal($"part {bad}", failure.Message);

            CountingWork after = new(10);
            pool.Run(after, 10);
            Assert.All(after.Counts, count => Assert.Equal(1, count));
        }
    }

    [Fact]
    public void Idle_workers_fall_asleep_and_wake_for_the_next_round()
    {
        using WorkerPool pool = new(3);
        for (int round = 0; round < 5; round++)
        {
            CountingWork work = new(9);
            pool.Run(work, 9);
            Assert.All(work.Counts, count => Assert.Equal(1, count));
            Assert.True(SpinWait.SpinUntil(() => pool.Sleeping == 2, TimeSpan.FromSeconds(30)));
        }
    }

    [Fact]
    public void A_single_part_is_the_callers_own()
    {
        using WorkerPool pool = new(3);
        ThreadWork work = new();
        pool.Run(work, 1);
        Assert.Equal(Environment.CurrentManagedThreadId, work.Thread);
    }

    [Fact]
    public void Disposing_ends_the_threads_and_may_be_repeated()
    {
        WorkerPool pool = new(3);
        pool.Run(new CountingWork(5), 5);
        pool.Dispose();
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Run(new CountingWork(5), 5));
    }

    [Fact]
    public void A_round_allocates_nothing()
    {
        using WorkerPool pool = new(2);
        CountingWork work = new(8);
        pool.Run(work, 8);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 50; round++)
        {
            pool.Run(work, 8);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private sealed class CountingWork(int parts) : Work
    {
        public int[] Counts { get; } = new int[parts];

        public override void Run(int part, int worker) => Interlocked.Increment(ref Counts[part]);
    }

    private sealed class OwnershipWork(int workers) : Work
    {
        private readonly int[] _owners = new int[workers];
        private int _clashes;

        public int Clashes => _clashes;

        public override void Run(int part, int worker)
        {
            if (Interlocked.Exchange(ref _owners[worker], 1) != 0)
            {
                Interlocked.Increment(ref _clashes);
            }

            Thread.SpinWait(20);
            Volatile.Write(ref _owners[worker], 0);
        }
    }

    private sealed class FailingWork(int bad) : Work
    {
        public override void Run(int part, int worker)
        {
            if (part == bad)
            {
                throw new InvalidTimeZoneException($"part {part}");
            }
        }
    }

    private sealed class ThreadWork : Work
    {
        public int Thread { get; private set; }

        public override void Run(int part, int worker) => Thread = Environment.CurrentManagedThreadId;
    }
}
