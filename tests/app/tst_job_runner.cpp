#include "app/session/job_runner.h"

#include <gtest/gtest.h>
#include <QCoreApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QThread>

#include <atomic>
#include <stdexcept>

using namespace qs;

namespace {

using Null = std::shared_ptr<Engine>;

Result<int> sleepUntilStopped(const JobContext& job, const Null&)
{
    for (int i = 0; i < 2000; ++i) {
        if (job.cancelled())
            return cancelledError();
        job.report(i / 2000.0, "working");
        QThread::msleep(1);
    }
    return 1;
}

}  // namespace

TEST(JobRunner, BringsTheResultToThisThread)
{
    JobRunner jobs;
    int got = 0;
    const QThread* thread = nullptr;
    jobs.run<int>(
        {QStringLiteral("a"), QStringLiteral("A"), Lane::Light}, [](const JobContext&, const Null&) { return Result<int>(42); },
        [&](const Result<int>& result) {
            got = *result;
            thread = QThread::currentThread();
        });
    ASSERT_TRUE(jobs.waitUntilIdle(5000));
    EXPECT_EQ(got, 42);
    EXPECT_EQ(thread, QThread::currentThread());
    ASSERT_EQ(jobs.jobs().size(), 1U);
    EXPECT_EQ(jobs.jobs().front().state, JobState::Done);
}

TEST(JobRunner, CancelActsSoonAndReports)
{
    JobRunner jobs;
    bool cancelled = false;
    jobs.run<int>({QStringLiteral("a"), QStringLiteral("A"), Lane::Light}, sleepUntilStopped,
                  [&](const Result<int>& result) { cancelled = !result && result.error().code == ErrorCode::Cancelled; });
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < 50)
        QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
    jobs.cancelAll();
    timer.restart();
    ASSERT_TRUE(jobs.waitUntilIdle(5000));
    EXPECT_LT(timer.elapsed(), 300);
    EXPECT_TRUE(cancelled);
    EXPECT_EQ(jobs.jobs().front().state, JobState::Cancelled);
}

TEST(JobRunner, ANewerJobOfTheSameTagSupersedes)
{
    JobRunner jobs;
    std::vector<int> reported;
    for (int i = 0; i < 5; ++i)
        jobs.run<int>(
            {QStringLiteral("same"), QStringLiteral("A"), Lane::Light},
            [i](const JobContext& job, const Null& engine) {
                if (i == 4)
                    return Result<int>(4);
                return sleepUntilStopped(job, engine);
            },
            [&](const Result<int>& result) { reported.push_back(result ? *result : -1); });
    ASSERT_TRUE(jobs.waitUntilIdle(5000));
    EXPECT_EQ(reported, std::vector<int>{4});
}

TEST(JobRunner, AnExceptionBecomesAnError)
{
    JobRunner jobs;
    std::string detail;
    jobs.run<int>(
        {QStringLiteral("a"), QStringLiteral("A"), Lane::Light},
        [](const JobContext&, const Null&) -> Result<int> { throw std::runtime_error("broken"); },
        [&](const Result<int>& result) { detail = result.error().detail; });
    ASSERT_TRUE(jobs.waitUntilIdle(5000));
    EXPECT_EQ(detail, "broken");
    EXPECT_EQ(jobs.jobs().front().state, JobState::Failed);
}

TEST(JobRunner, LanesRunBesideEachOther)
{
    JobRunner jobs;
    std::atomic<bool> light = false;
    // A job that waits for the other lane's: on one thread it would never end.
    jobs.run<int>(
        {QStringLiteral("a"), QStringLiteral("A"), Lane::Compute},
        [&](const JobContext&, const Null&) {
            for (int i = 0; i < 3000 && !light; ++i)
                QThread::msleep(1);
            return Result<int>(light ? 1 : 0);
        },
        [](const Result<int>& result) {
            if (result) {
                EXPECT_EQ(*result, 1);
            }
        });
    jobs.run<int>(
        {QStringLiteral("b"), QStringLiteral("B"), Lane::Light},
        [&](const JobContext&, const Null&) {
            light = true;
            return Result<int>(0);
        },
        [](const Result<int>&) {});
    EXPECT_TRUE(jobs.waitUntilIdle(20000));
}

TEST(JobRunner, TheDestructorCancelsAndJoins)
{
    QElapsedTimer timer;
    timer.start();
    {
        JobRunner jobs;
        for (int i = 0; i < 3; ++i)
            jobs.run<int>({QString::number(i), QStringLiteral("A"), Lane::Light}, sleepUntilStopped,
                          [](const Result<int>&) { FAIL() << "reported after the end"; });
        QThread::msleep(20);
    }
    EXPECT_LT(timer.elapsed(), 500);
}
