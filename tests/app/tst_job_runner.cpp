#include "app/session/job_runner.h"

#include <gtest/gtest.h>
#include <QCoreApplication>
#include <QEventLoop>
#include <QThread>

#include <atomic>
#include <stdexcept>

using namespace qs;

namespace {

using Null = std::shared_ptr<Engine>;

Result<int> sleepUntilStopped(const JobContext& job, const Null&)
{
    // Only a stop ends it, however long that takes on a busy machine.
    while (!job.cancelled()) {
        job.report(0.5, Phase::Comparing, {"1", "2"});
        QThread::msleep(1);
    }
    return cancelledError();
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

TEST(JobRunner, CancelEndsAJobAndReports)
{
    JobRunner jobs;
    bool cancelled = false;
    jobs.run<int>({QStringLiteral("a"), QStringLiteral("A"), Lane::Light}, sleepUntilStopped,
                  [&](const Result<int>& result) { cancelled = !result && result.error().code == ErrorCode::Cancelled; });
    while (jobs.jobs().front().state != JobState::Running || jobs.jobs().front().fraction() == 0)
        QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
    jobs.cancelAll();
    ASSERT_TRUE(jobs.waitUntilIdle(60000));
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

TEST(JobRunner, WhatASupersededJobHoldsDoesNotWaitForItsTurn)
{
    JobRunner jobs;
    jobs.run<int>({QStringLiteral("long"), QStringLiteral("Long"), Lane::Light}, sleepUntilStopped, [](const Result<int>&) {});
    while (jobs.jobs().front().state != JobState::Running)
        QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
    std::vector<std::weak_ptr<int>> held;
    const auto ask = [&] {
        auto large = std::make_shared<int>(7);
        held.push_back(large);
        jobs.run<int>(
            {QStringLiteral("same"), QStringLiteral("A"), Lane::Light}, [large](const JobContext&, const Null&) { return Result<int>(*large); },
            [](const Result<int>&) {});
    };
    for (int i = 0; i < 3; ++i)
        ask();
    EXPECT_TRUE(held[0].expired());
    EXPECT_TRUE(held[1].expired());
    EXPECT_FALSE(held[2].expired());
    jobs.cancelTag(QStringLiteral("same"));
    EXPECT_TRUE(held[2].expired());
    while (jobs.running(QStringLiteral("same")))
        QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
    EXPECT_TRUE(jobs.running(QStringLiteral("long")));
    jobs.cancelAll();
    ASSERT_TRUE(jobs.waitUntilIdle(60000));
}

TEST(JobRunner, AnInteractiveJobGoesBeforeThoseThatWait)
{
    JobRunner jobs;
    std::atomic<bool> free = false;
    std::vector<int> order;
    const auto add = [&](int number, bool interactive) {
        jobs.run<int>(
            {QString::number(number), QStringLiteral("A"), Lane::Light, interactive},
            [&, number](const JobContext&, const Null&) {
                // Only the lane's own thread writes, one job after the other.
                while (!free)
                    QThread::msleep(1);
                order.push_back(number);
                return Result<int>(number);
            },
            [](const Result<int>&) {});
    };
    add(0, false);
    while (jobs.jobs().front().state != JobState::Running)
        QThread::msleep(1);
    add(1, false);
    add(2, false);
    add(3, true);
    free = true;
    ASSERT_TRUE(jobs.waitUntilIdle(60000));
    EXPECT_EQ(order, (std::vector<int>{0, 3, 1, 2}));
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
    int answer = 0;
    // A job that waits for the other lane's: on one thread it would never end.
    jobs.run<int>(
        {QStringLiteral("a"), QStringLiteral("A"), Lane::Compute},
        [&](const JobContext& job, const Null&) {
            while (!light && !job.cancelled())
                QThread::msleep(1);
            return Result<int>(light ? 1 : 0);
        },
        [&](const Result<int>& result) {
            // (Where there is no engine, the compute lane refuses its jobs.)
            answer = result ? *result : -1;
        });
    jobs.run<int>(
        {QStringLiteral("b"), QStringLiteral("B"), Lane::Light},
        [&](const JobContext&, const Null&) {
            light = true;
            return Result<int>(0);
        },
        [](const Result<int>&) {});
    ASSERT_TRUE(jobs.waitUntilIdle(60000));
    EXPECT_TRUE(light);
    EXPECT_EQ(answer, 1);
}

TEST(JobRunner, TheDestructorCancelsAndJoins)
{
    int begun = 0;
    int reported = 0;
    std::atomic<bool> running = false;
    {
        JobRunner jobs;
        for (int i = 0; i < 3; ++i)
            jobs.run<int>(
                {QString::number(i), QStringLiteral("A"), Lane::Light},
                [&](const JobContext& job, const Null& engine) {
                    ++begun;
                    running = true;
                    return sleepUntilStopped(job, engine);
                },
                [&](const Result<int>&) { ++reported; });
        while (!running)
            QThread::msleep(1);
    }
    // The first was stopped, those that waited were not begun.
    EXPECT_EQ(begun, 1);
    EXPECT_EQ(reported, 0);
}
